from __future__ import annotations

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hangarstack.contracts.migrations.applying import apply
from hangarstack.contracts.migrations.planning import Plan, State, plan
from hangarstack.contracts.migrations.steps import load_steps
from hangarstack.contracts.schema.jsontext import write_json
from hangarstack.contracts.tree import load_tree
from hangarstack.errors import (
    ContractTreeError,
    RegistryUnavailableError,
    SchemaMigrationError,
    SchemaRefusedError,
)
from tests.unit.contracts.migrations.fake import FakeRegistry
from tests.unit.contracts.trees import CONTRACT, WAIVER, make_tree, ping

OPTIONAL = {"name": "n", "type": ["null", "int"], "default": None}
REQUIRED = {"name": "n", "type": "int"}
SUBJECT = "pings-value"
TODAY = datetime.date(2026, 6, 1)


def _step(root: Path, name: str, *actions: str) -> None:
    home = root / "migrations" / "schemas"
    home.mkdir(parents=True, exist_ok=True)
    body = "".join(f"\n[[action]]\n{action}\n" for action in actions)
    (home / name).write_text(f'description = "Why."\n{body}')


def _register(version: int) -> str:
    return f'register = "ping"\nversion = {version}'


def _level(level: str) -> str:
    return f'compatibility = "ping"\nlevel = "{level}"'


def _retire(version: int) -> str:
    return f'retire = "ping"\nversion = {version}'


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A contract with two compatible versions, and the steps that bring them."""
    make_tree(tmp_path, ping(), ping(OPTIONAL))
    _step(tmp_path, "0001_first.toml", _register(1), _level("BACKWARD"))
    _step(tmp_path, "0002_second.toml", _register(2))
    return tmp_path


def _apply(root: Path, registry: FakeRegistry) -> Plan:
    return apply(load_tree(root), load_steps(root), registry, today=TODAY)


def _plan(root: Path, registry: FakeRegistry) -> list[tuple[str, State]]:
    planned = plan(load_tree(root), load_steps(root), registry, today=TODAY)
    return [(str(each.action), each.state) for each in planned.actions]


def test_an_empty_registry_gets_everything_in_order(root: Path) -> None:
    registry = FakeRegistry()
    _apply(root, registry)
    assert registry.changes == [f"register {SUBJECT}", f"set {SUBJECT} to BACKWARD", f"register {SUBJECT}"]
    assert list(registry.versions(SUBJECT)) == [1, 2]


def test_applying_twice_changes_nothing(root: Path) -> None:
    registry = FakeRegistry()
    _apply(root, registry)
    done = list(registry.changes)
    assert _apply(root, registry).pending == ()
    assert registry.changes == done


def test_a_plan_changes_nothing(root: Path) -> None:
    registry = FakeRegistry()
    assert {state for _, state in _plan(root, registry)} == {State.PENDING}
    assert registry.changes == []


@pytest.mark.parametrize("done", [0, 1, 2])
def test_what_was_interrupted_is_resumed(root: Path, done: int) -> None:
    registry = FakeRegistry(fails_after=done)
    with pytest.raises(RegistryUnavailableError):
        _apply(root, registry)
    registry.fails_after = None
    _apply(root, registry)
    assert len(registry.changes) == 3
    assert list(registry.versions(SUBJECT)) == [1, 2]


def test_each_action_is_reported_once_it_is_done(root: Path) -> None:
    reported: list[str] = []
    registry = FakeRegistry(fails_after=2)
    with pytest.raises(RegistryUnavailableError):
        apply(
            load_tree(root),
            load_steps(root),
            registry,
            today=TODAY,
            report=lambda planned: reported.append(str(planned.action)),
        )
    assert reported == ["register ping v1", "set ping to BACKWARD"]


def test_a_version_that_would_break_readers_blocks_before_anything_changes(tmp_path: Path) -> None:
    make_tree(tmp_path, ping(), ping(REQUIRED))
    _step(tmp_path, "0001_all.toml", _register(1), _level("BACKWARD"), _register(2))
    registry = FakeRegistry()
    assert [state for _, state in _plan(tmp_path, registry)] == [State.PENDING, State.PENDING, State.BLOCKED]
    with pytest.raises(SchemaMigrationError, match="READER_FIELD_MISSING_DEFAULT_VALUE") as blocked:
        _apply(tmp_path, registry)
    assert blocked.value.where.endswith("0001_all.toml")
    assert "cannot read v1 in the registry: the reader needs the field n" in blocked.value.what
    assert "oldSchema" not in blocked.value.what
    assert registry.changes == []


def test_a_stricter_level_is_not_given_up_where_nothing_else_may_be_done(tmp_path: Path) -> None:
    make_tree(tmp_path, ping(), ping(REQUIRED))
    _step(tmp_path, "0001_all.toml", _register(1), _level("BACKWARD"), _register(2))
    registry = FakeRegistry()
    registry.register(SUBJECT, write_json(ping()))
    registry.set_compatibility(SUBJECT, "FULL")
    with pytest.raises(SchemaMigrationError, match="READER_FIELD_MISSING_DEFAULT_VALUE"):
        _apply(tmp_path, registry)
    assert registry.compatibility(SUBJECT) == "FULL"


def test_a_subject_that_holds_another_schema_blocks(root: Path) -> None:
    registry = FakeRegistry()
    registry.register(SUBJECT, write_json({"type": "record", "name": "Other", "fields": []}))
    with pytest.raises(SchemaMigrationError, match="NAME_MISMATCH"):
        _apply(root, registry)


def test_other_subjects_are_left_alone(root: Path) -> None:
    registry = FakeRegistry()
    registry.register("theirs", '"int"')
    _apply(root, registry)
    assert registry.subjects() == [SUBJECT, "theirs"]


def test_a_retired_version_goes_once_and_does_not_come_back(root: Path) -> None:
    _step(root, "0003_retire.toml", _retire(1))
    registry = FakeRegistry()
    _apply(root, registry)
    assert list(registry.versions(SUBJECT)) == [2]
    done = list(registry.changes)
    _apply(root, registry)
    assert registry.changes == done


def test_a_version_retired_later_leaves_a_registry_that_has_it(root: Path) -> None:
    registry = FakeRegistry()
    _apply(root, registry)
    _step(root, "0003_retire.toml", _retire(1))
    assert _plan(root, registry)[-1] == ("retire ping v1", State.PENDING)
    _apply(root, registry)
    assert list(registry.versions(SUBJECT)) == [2]


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """A contract whose second version breaks readers: waived, and registered under a relaxed level."""
    make_tree(tmp_path, ping(), ping(REQUIRED))
    _step(tmp_path, "0001_first.toml", _register(1), _level("BACKWARD"))
    _step(tmp_path, "0002_break.toml", f'{_register(2)}\nrelaxed = "NONE"')
    (tmp_path / "contracts" / "waivers.toml").write_text(WAIVER)
    return tmp_path


def _begun() -> FakeRegistry:
    """Return a registry that holds the first version, at its level."""
    registry = FakeRegistry()
    registry.register(SUBJECT, write_json(ping()))
    registry.set_compatibility(SUBJECT, "BACKWARD")
    return registry


def test_a_level_is_relaxed_for_one_waived_version_and_put_back(broken: Path) -> None:
    registry = _begun()
    _apply(broken, registry)
    assert registry.changes[2:] == [f"set {SUBJECT} to NONE", f"register {SUBJECT}", f"set {SUBJECT} to BACKWARD"]
    done = list(registry.changes)
    _apply(broken, registry)
    assert registry.changes == done


@pytest.mark.parametrize(("readers", "state"), [("readers = [1]", State.PENDING), ("", State.BLOCKED)])
def test_an_earlier_version_that_may_fail_is_named_by_the_number_of_its_file_whatever_the_registry_calls_it(
    tmp_path: Path, readers: str, state: State
) -> None:
    make_tree(tmp_path, ping(REQUIRED), ping(), contract=CONTRACT.replace("BACKWARD", "FORWARD"))
    _step(tmp_path, "0001_first.toml", _register(1), _level("FORWARD"))
    _step(tmp_path, "0002_break.toml", f'{_register(2)}\nrelaxed = "NONE"')
    (tmp_path / "contracts" / "waivers.toml").write_text(f"{WAIVER}{readers}\n")
    registry = FakeRegistry()
    registry.set_compatibility(SUBJECT, "NONE")
    registry.register(SUBJECT, write_json(ping(OPTIONAL)))
    registry.register(SUBJECT, write_json(ping(REQUIRED)))
    registry.delete_version(SUBJECT, 1)
    registry.set_compatibility(SUBJECT, "FORWARD")
    assert list(registry.versions(SUBJECT)) == [2]
    assert _plan(tmp_path, registry)[2] == ("register ping v2 under NONE", state)


def test_an_empty_registry_gets_a_waived_break_too(broken: Path) -> None:
    registry = FakeRegistry()
    _apply(broken, registry)
    assert list(registry.versions(SUBJECT)) == [1, 2]
    assert registry.compatibility(SUBJECT) == "BACKWARD"


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        ("versions = [2]", "versions = [1]", "does not waive it"),
        ("READER_FIELD_MISSING_DEFAULT_VALUE", "TYPE_MISMATCH", "does not waive it"),
        ("2026-06-01", "2026-05-31", "its waiver ended on 2026-05-31"),
    ],
)
def test_a_relaxed_level_lets_pass_only_what_is_waived(broken: Path, before: str, after: str, why: str) -> None:
    waivers = broken / "contracts" / "waivers.toml"
    waivers.write_text(waivers.read_text().replace(before, after))
    registry = _begun()
    with pytest.raises(SchemaMigrationError, match=why):
        _apply(broken, registry)
    assert len(registry.changes) == 2


def test_what_others_registered_is_not_waived(broken: Path) -> None:
    registry = _begun()
    registry.set_compatibility(SUBJECT, "NONE")
    registry.register(SUBJECT, write_json({"type": "record", "name": "Other", "fields": []}))
    with pytest.raises(SchemaMigrationError, match=r"v2 in the registry: .*NAME_MISMATCH"):
        _apply(broken, registry)


@pytest.mark.parametrize("error", [SchemaRefusedError("no"), KeyboardInterrupt()])
def test_a_relaxed_level_is_put_back_when_its_version_fails(broken: Path, error: BaseException) -> None:
    registry = _begun()
    registry.fails_to_register = error
    with pytest.raises(type(error)):
        _apply(broken, registry)
    assert registry.changes[2:] == [f"set {SUBJECT} to NONE", f"set {SUBJECT} to BACKWARD"]


def test_a_relaxed_level_that_cannot_be_put_back_is_told_of_and_put_back_by_the_next_run(broken: Path) -> None:
    registry = _begun()
    registry.fails_after = 3
    with pytest.raises(SchemaMigrationError, match=r"not registered \(the registry is gone\).*put back") as told:
        _apply(broken, registry)
    assert "sets BACKWARD before all else" in told.value.remedy
    assert registry.compatibility(SUBJECT) == "NONE"
    registry.fails_after = None
    _apply(broken, registry)
    assert registry.changes[3:] == [
        f"set {SUBJECT} to BACKWARD",
        f"set {SUBJECT} to NONE",
        f"register {SUBJECT}",
        f"set {SUBJECT} to BACKWARD",
    ]


@pytest.mark.parametrize("done", range(5))
def test_a_waived_break_that_was_interrupted_anywhere_is_finished_by_the_next_run(broken: Path, done: int) -> None:
    registry = FakeRegistry(fails_after=done)
    with pytest.raises((RegistryUnavailableError, SchemaMigrationError)):
        _apply(broken, registry)
    registry.fails_after = None
    _apply(broken, registry)
    assert list(registry.versions(SUBJECT)) == [1, 2]
    assert registry.compatibility(SUBJECT) == "BACKWARD"
    assert _apply(broken, registry).pending == ()


def test_a_level_left_relaxed_is_put_back_even_when_nothing_else_may_be_done(broken: Path) -> None:
    registry = _begun()
    registry.set_compatibility(SUBJECT, "NONE")
    (broken / "contracts" / "waivers.toml").unlink()
    assert _plan(broken, registry)[1:] == [
        ("set ping to BACKWARD", State.PENDING),
        ("register ping v2 under NONE", State.BLOCKED),
    ]
    with pytest.raises(SchemaMigrationError, match="Nothing was changed but the level of pings-value"):
        _apply(broken, registry)
    assert registry.compatibility(SUBJECT) == "BACKWARD"


def test_what_would_end_the_process_can_wait_for_the_end_of_each_action(broken: Path) -> None:
    registry = _begun()
    registry.set_compatibility(SUBJECT, "NONE")
    begun = len(registry.changes)

    @contextmanager
    def whole() -> Iterator[None]:
        registry.changes.append("begin")
        yield
        registry.changes.append("end")

    apply(load_tree(broken), load_steps(broken), registry, today=TODAY, whole=whole)
    assert registry.changes[begun:] == [
        *("begin", f"set {SUBJECT} to BACKWARD", "end"),
        *("begin", f"set {SUBJECT} to NONE", f"register {SUBJECT}", f"set {SUBJECT} to BACKWARD", "end"),
    ]


def test_a_level_left_relaxed_after_its_version_is_put_back(broken: Path) -> None:
    registry = _begun()
    _apply(broken, registry)
    registry.set_compatibility(SUBJECT, "NONE")
    _apply(broken, registry)
    assert registry.compatibility(SUBJECT) == "BACKWARD"


def test_the_level_of_a_subject_that_is_not_ours_is_left_alone(broken: Path) -> None:
    registry = FakeRegistry()
    registry.set_compatibility(SUBJECT, "NONE")
    registry.register(SUBJECT, write_json({"type": "record", "name": "Other", "fields": []}))
    _step(broken, "0001_first.toml", _level("BACKWARD"), _register(1))
    with pytest.raises(SchemaMigrationError, match=r"Nothing was changed$"):
        _apply(broken, registry)
    assert registry.compatibility(SUBJECT) == "NONE"


def test_a_level_that_the_contract_gives_up_is_set_before_the_version_that_needs_it(tmp_path: Path) -> None:
    make_tree(tmp_path, ping(), ping(REQUIRED), contract=CONTRACT.replace('"BACKWARD"', '"NONE"'))
    _step(tmp_path, "0001_first.toml", _register(1), _level("BACKWARD"))
    registry = FakeRegistry()
    registry.register(SUBJECT, write_json(ping()))
    registry.set_compatibility(SUBJECT, "BACKWARD")
    _step(tmp_path, "0002_break.toml", _level("NONE"), _register(2))
    _apply(tmp_path, registry)
    assert registry.changes[2:] == [f"set {SUBJECT} to NONE", f"register {SUBJECT}"]


def test_an_older_level_is_set_again_only_for_what_is_registered_under_it(root: Path) -> None:
    table = root / "contracts" / "avro" / "ping" / "contract.toml"
    table.write_text(table.read_text().replace('"BACKWARD"', '"FULL"'))
    _step(root, "0003_full.toml", _level("FULL"))
    registry = FakeRegistry()
    _apply(root, registry)
    done = list(registry.changes)
    assert done[-1] == f"set {SUBJECT} to FULL"
    assert {state for _, state in _plan(root, registry)} == {State.DONE}


def test_a_level_changed_by_hand_is_set_again(root: Path) -> None:
    registry = FakeRegistry()
    _apply(root, registry)
    registry.set_compatibility(SUBJECT, "NONE")
    _apply(root, registry)
    assert registry.compatibility(SUBJECT) == "BACKWARD"


@pytest.mark.parametrize(
    ("actions", "message"),
    [
        ((_register(1),), "no step registers version 2"),
        ((_register(2),), "the next version is 1"),
        ((_register(1), _register(1)), "the next version is 2"),
        ((_register(1), _register(2), _register(3)), "the next version is 3, of 2"),
        ((_register(1), _register(2)), "leave the subject at no level"),
        ((_register(1), _register(2), _level("FULL")), "leave the subject at FULL"),
        ((_register(1), _register(2), _level("BACKWARD"), _retire(2)), "no newer version"),
        ((_level("NONE"), _register(1), _register(2), _level("BACKWARD")), "sets the level of ping twice"),
        ((_register(1), f'{_register(2)}\nrelaxed = "NONE"', _level("BACKWARD")), "no level is set by then"),
        ((_register(1), _level("BACKWARD"), f'{_register(2)}\nrelaxed = "BACKWARD"'), "does not ask for less"),
        ((_register(1), _level("BACKWARD"), f'{_register(2)}\nrelaxed = "FORWARD"'), "does not ask for less"),
    ],
)
def test_steps_that_do_not_lead_to_the_contracts_are_refused(
    tmp_path: Path, actions: tuple[str, ...], message: str
) -> None:
    make_tree(tmp_path, ping(), ping(OPTIONAL))
    _step(tmp_path, "0001_all.toml", *actions)
    with pytest.raises(SchemaMigrationError, match=message):
        _plan(tmp_path, FakeRegistry())


def test_a_step_about_a_contract_that_is_not_there_is_named(root: Path) -> None:
    _step(root, "0003_other.toml", 'register = "pong"\nversion = 1')
    with pytest.raises(ContractTreeError, match="no contract pong") as refused:
        _plan(root, FakeRegistry())
    assert refused.value.where.endswith("0003_other.toml")


def test_an_action_with_a_misspelt_key_is_told_what_there_is(root: Path) -> None:
    _step(root, "0003_other.toml", 'registr = "ping"\nversion = 3')
    with pytest.raises(ContractTreeError, match="no register, retire or compatibility in it, only registr, version"):
        load_steps(root)


def test_a_tree_without_steps_is_refused(tmp_path: Path) -> None:
    make_tree(tmp_path)
    assert load_steps(tmp_path) == ()
    with pytest.raises(SchemaMigrationError, match="no step registers version 1"):
        _apply(tmp_path, FakeRegistry())


@pytest.mark.parametrize(
    ("name", "actions"),
    [
        ("0003_bad.toml", ('destroy = "ping"',)),
        ("0003_bad.toml", (f"{_register(1)}\ncolour = 1",)),
        ("0003_bad.toml", (_level("SIDEWARD"),)),
        ("0003_bad.toml", ('register = "ping"\nversion = 0',)),
        ("0003_bad.toml", ()),
    ],
)
def test_a_malformed_step_names_its_file(root: Path, name: str, actions: tuple[str, ...]) -> None:
    _step(root, name, *actions)
    with pytest.raises(ContractTreeError) as refused:
        load_steps(root)
    assert name in refused.value.where


@pytest.mark.parametrize("name", ["third.toml", "3_third.toml", "0003_Third.toml", "0003_third.txt", "0002_other.toml"])
def test_a_misnamed_step_is_refused(root: Path, name: str) -> None:
    _step(root, name, _retire(1))
    with pytest.raises(ContractTreeError) as refused:
        load_steps(root)
    assert refused.value.where.endswith((name, "0002_second.toml"))


def test_the_levels_of_the_contract_are_those_of_its_file(tmp_path: Path) -> None:
    make_tree(tmp_path, contract=CONTRACT.replace('"BACKWARD"', '"FULL_TRANSITIVE"'))
    _step(tmp_path, "0001_all.toml", _register(1), _level("FULL_TRANSITIVE"))
    registry = FakeRegistry()
    _apply(tmp_path, registry)
    assert registry.compatibility(SUBJECT) == "FULL_TRANSITIVE"
