from __future__ import annotations

import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from hangarstack.cli.migrate import command
from hangarstack.contracts.gate import check
from hangarstack.contracts.lock import release
from hangarstack.contracts.migrations.steps import check_steps, load_steps
from hangarstack.contracts.releasing import release_sound, waiting
from hangarstack.contracts.tree import load_tree
from hangarstack.contracts.waivers import read_waivers
from hangarstack.errors import ContractTreeError, SchemaMigrationError
from hangarstack.settings import Settings
from tests.unit.contracts.trees import CONTRACT, WAIVER, Json, add_versions, make_tree, ping


def _new(root: Path, *arguments: str) -> Result:
    return CliRunner().invoke(command, ["new", *arguments], obj=Settings(root=root))


def _actions(root: Path) -> list[list[str]]:
    return [[str(action) for action in step.actions] for step in load_steps(root)]


def _released(root: Path, *versions: Json, contract: str = CONTRACT) -> Path:
    directory = make_tree(root, *versions, contract=contract)
    release(load_tree(root))
    return directory


def test_the_first_step_registers_every_version_and_sets_the_level(tmp_path: Path) -> None:
    _released(tmp_path, ping(), ping())
    answer = _new(tmp_path, 'Pings: "begin" here!')
    assert answer.exit_code == 0
    (step,) = load_steps(tmp_path)
    assert (step.name, step.description) == ("0001_pings_begin_here", 'Pings: "begin" here!')
    assert _actions(tmp_path) == [["register ping v1", "set ping to BACKWARD", "register ping v2"]]
    assert "register ping v2" in answer.output


def test_the_next_step_does_only_what_is_left(tmp_path: Path) -> None:
    directory = _released(tmp_path)
    _new(tmp_path, "Begin.")
    add_versions(directory, ping())
    table = directory / "contract.toml"
    table.write_text(table.read_text().replace('"BACKWARD"', '"FULL"'))
    assert _new(tmp_path, "More.").exit_code == 0
    assert _actions(tmp_path)[1] == ["set ping to FULL", "register ping v2"]
    check_steps(load_tree(tmp_path), load_steps(tmp_path))


def test_where_nothing_is_left_no_step_is_written(tmp_path: Path) -> None:
    _released(tmp_path)
    _new(tmp_path, "Begin.")
    assert "nothing is to be done" in _new(tmp_path, "Again.").output
    assert len(load_steps(tmp_path)) == 1


def test_a_version_is_retired_when_told_so(tmp_path: Path) -> None:
    _released(tmp_path, ping(), ping(doc="Another ping."))
    _new(tmp_path, "Begin.")
    assert _new(tmp_path, "No event of v1 is left.", "--retire", "ping", "1").exit_code == 0
    assert _actions(tmp_path)[1] == ["retire ping v1"]


def test_a_version_is_retired_by_the_name_of_its_event_too(tmp_path: Path) -> None:
    _released(tmp_path, ping(), ping(doc="Another ping."))
    _new(tmp_path, "Begin.")
    assert _new(tmp_path, "No event of v1 is left.", "--retire", "Ping", "1").exit_code == 0
    assert _actions(tmp_path)[1] == ["retire ping v1"]


def test_a_version_that_came_back_word_by_word_is_not_retired(tmp_path: Path) -> None:
    _released(tmp_path, ping(), ping(doc="Another ping."), ping())
    _new(tmp_path, "Begin.")
    error = _new(tmp_path, "Wrong.", "--retire", "ping", "1").exception
    assert isinstance(error, SchemaMigrationError)
    assert "retire ping v1: v3 is that version word by word" in error.what
    assert len(load_steps(tmp_path)) == 1


@pytest.mark.parametrize(
    ("retired", "error"), [(("ping", "2"), SchemaMigrationError), (("pong", "1"), ContractTreeError)]
)
def test_a_step_that_no_plan_could_follow_is_not_left_behind(
    tmp_path: Path, retired: tuple[str, str], error: type[Exception]
) -> None:
    _released(tmp_path, ping(), ping())
    _new(tmp_path, "Begin.")
    assert isinstance(_new(tmp_path, "Wrong.", "--retire", *retired).exception, error)
    assert len(load_steps(tmp_path)) == 1


@pytest.mark.parametrize("description", ["", "two\nlines"])
def test_a_step_says_why_in_one_line(tmp_path: Path, description: str) -> None:
    _released(tmp_path)
    assert _new(tmp_path, description).exit_code == 2
    assert load_steps(tmp_path) == ()


def test_a_step_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    _released(tmp_path)
    (tmp_path / "migrations").write_text("a file where a directory shall be")
    assert isinstance(_new(tmp_path, "Begin.").exception, SchemaMigrationError)


def test_a_description_without_a_word_still_names_a_file(tmp_path: Path) -> None:
    _released(tmp_path)
    assert _new(tmp_path, "…").exit_code == 0
    assert [step.name for step in load_steps(tmp_path)] == ["0001_step"]


@pytest.mark.parametrize(
    ("level", "schema", "relaxed"),
    [
        ("FULL", ping({"name": "n", "type": "int"}), "FORWARD"),
        ("FULL_TRANSITIVE", ping({"name": "n", "type": "int"}), "FORWARD_TRANSITIVE"),
        ("BACKWARD", ping({"name": "n", "type": "int"}), "NONE"),
    ],
)
def test_a_version_that_breaks_its_level_is_registered_under_the_strictest_that_takes_it(
    tmp_path: Path, level: str, schema: Json, relaxed: str
) -> None:
    _released(tmp_path, ping(), schema, contract=CONTRACT.replace('"BACKWARD"', f'"{level}"'))
    _new(tmp_path, "Begin.")
    assert _actions(tmp_path) == [["register ping v1", f"set ping to {level}", f"register ping v2 under {relaxed}"]]


def test_a_break_that_nobody_waives_is_told_with_the_waiver_that_permits_it(tmp_path: Path) -> None:
    strict = CONTRACT.replace('"BACKWARD"', '"FULL_TRANSITIVE"')
    broken = ping({"name": "n", "type": "int"})
    _released(tmp_path, ping(), ping(), broken, contract=strict)
    said = _new(tmp_path, "Begin.").output
    assert (
        "Ping breaks readers, and `migrate apply` refuses that until a waiver permits it:\n  v3 cannot read v2" in said
    )
    stanza = said[said.index("[[waiver]]") :]
    file = tmp_path / "contracts" / "waivers.toml"
    file.write_text(stanza)
    (waiver,) = read_waivers(file)
    assert (waiver.versions, waiver.kind, waiver.path) == ((3,), "READER_FIELD_MISSING_DEFAULT_VALUE", "/fields/3")
    assert (waiver.owner, waiver.reason) == (load_tree(tmp_path).contracts[0].owner, "…")
    report = check(load_tree(tmp_path, history=True), [], today=waiver.expires)
    assert report.problems == ()


def test_a_break_of_earlier_readers_is_waived_for_those_that_it_breaks(tmp_path: Path) -> None:
    level = CONTRACT.replace('"BACKWARD"', '"FORWARD_TRANSITIVE"')
    more = ping({"name": "n", "type": "int"})
    _released(tmp_path, more, more, ping(), contract=level)
    said = _new(tmp_path, "Begin.").output
    file = tmp_path / "contracts" / "waivers.toml"
    file.write_text(said[said.index("[[waiver]]") :])
    (waiver,) = read_waivers(file)
    assert (waiver.versions, waiver.readers) == ((3,), (1, 2))
    assert check(load_tree(tmp_path, history=True), [], today=waiver.expires).problems == ()


def test_a_break_that_is_waived_already_is_not_told_again(tmp_path: Path) -> None:
    _released(tmp_path, ping(), ping({"name": "n", "type": "int"}))
    (tmp_path / "contracts" / "waivers.toml").write_text(WAIVER)
    assert "[[waiver]]" not in _new(tmp_path, "Begin.").output


def test_retiring_a_version_that_is_not_there_says_so(tmp_path: Path) -> None:
    _released(tmp_path)
    error = _new(tmp_path, "Wrong.", "--retire", "ping", "9").exception
    assert isinstance(error, SchemaMigrationError)
    assert error.what == "retire ping v9: there is no v9, the newest is v1"


@pytest.mark.parametrize("versions", [(ping(),), (ping(), ping({"name": "n", "type": "int"}))])
def test_first_versions_are_released_before_a_step_registers_them(tmp_path: Path, versions: tuple[Json, ...]) -> None:
    make_tree(tmp_path, *versions)
    error = _new(tmp_path, "Begin.").exception
    assert isinstance(error, ContractTreeError)
    assert error.exit_code == 2
    assert "contracts lock" in error.remedy
    assert load_steps(tmp_path) == ()


def test_two_versions_of_a_contract_are_released_before_one_step_registers_both(tmp_path: Path) -> None:
    directory = _released(tmp_path)
    _new(tmp_path, "Begin.")
    add_versions(directory, ping(), ping())
    error = _new(tmp_path, "More.").exception
    assert isinstance(error, ContractTreeError)
    assert "ping v2, ping v3" not in error.what
    assert "ping v2" in error.what
    assert len(load_steps(tmp_path)) == 1
    release(load_tree(tmp_path))
    assert _new(tmp_path, "More.").exit_code == 0
    assert waiting(load_tree(tmp_path)) == ()
    assert release_sound(load_tree(tmp_path), today=datetime.date(2026, 6, 1)) == []
