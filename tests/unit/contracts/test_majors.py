"""Upcasters as the tree, the check, the impact and the pages know them."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from hangarstack.cli.migrate import command
from hangarstack.contracts.against.lock import read_locked
from hangarstack.contracts.docs import pages
from hangarstack.contracts.gate import check
from hangarstack.contracts.impact import Declared, Effect, change, deploy_order, touched
from hangarstack.contracts.lock import release
from hangarstack.contracts.migrations.steps import check_steps, load_steps
from hangarstack.contracts.proposed import misread
from hangarstack.contracts.tree import load_tree
from hangarstack.errors import ContractTreeError, SchemaMigrationError
from hangarstack.settings import Settings
from tests.unit.contracts.trees import CONTRACT, Json, make_tree, ping

_REQUIRED: Json = {"name": "n", "type": "int"}
_OPTIONAL: Json = {"name": "note", "type": ["null", "string"], "default": None}
_TODAY = datetime.date(2026, 6, 1)
_FUNCTION = "shop.events.upcasters.ping:from_v2"
_UPCASTER = f'[[upcaster]]\ncontract = "ping"\nfrom = 2\nfunction = "{_FUNCTION}"\n'
_CONTRACT = CONTRACT.replace('"BACKWARD"', '"FULL_TRANSITIVE"').replace("consumers = []", 'consumers = ["one"]')


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A contract whose third version breaks readers, which a function makes good."""
    make_tree(tmp_path, ping(), ping(_OPTIONAL), ping(_REQUIRED, _OPTIONAL), contract=_CONTRACT)
    _step(tmp_path, 1, _UPCASTER)
    return tmp_path


def _step(root: Path, number: int, body: str) -> None:
    home = root / "migrations" / "schemas"
    home.mkdir(parents=True, exist_ok=True)
    (home / f"{number:04}_step.toml").write_text(f'description = "Why."\n\n{body}')


def _new(root: Path, *arguments: str) -> Result:
    return CliRunner().invoke(command, ["new", *arguments], obj=Settings(root=root))


def test_a_contract_knows_what_lifts_the_records_of_an_old_major(root: Path) -> None:
    (contract,) = load_tree(root).contracts
    assert [str(each) for each in contract.upcasters] == [f"lift ping v2 by {_FUNCTION}"]
    lifted = {(r, w) for r in (1, 2, 3) for w in (1, 2, 3) if contract.lifting(reader=r, writer=w) is not None}
    assert lifted == {(3, 1), (3, 2)}


@pytest.mark.parametrize(
    ("before", "after", "what"),
    [
        ("from = 2", "from = 3", "ping has no version 4"),
        ('"ping"', '"pong"', "there is no contract pong"),
    ],
)
def test_an_upcaster_of_what_is_not_there_is_refused(root: Path, before: str, after: str, what: str) -> None:
    _step(root, 1, _UPCASTER.replace(before, after))
    with pytest.raises(SchemaMigrationError, match=what) as refused:
        load_tree(root)
    assert refused.value.where.endswith("0001_step.toml")


def test_a_version_is_lifted_by_one_function(root: Path) -> None:
    _step(root, 2, _UPCASTER.replace("from_v2", "another"))
    with pytest.raises(SchemaMigrationError, match=r"0001_step\.toml lifts version 2 already"):
        load_tree(root)


@pytest.mark.parametrize("function", ["f", "m.f", "m:", ":f", "m:f:g", "m:a b", "m.class:f", "m:f()", "../m:f"])
def test_a_function_is_given_by_its_dotted_place(root: Path, function: str) -> None:
    _step(root, 1, _UPCASTER.replace(_FUNCTION, function))
    with pytest.raises(ContractTreeError, match="function must be a function's place"):
        load_tree(root)


def test_a_step_that_does_nothing_at_all_is_refused(root: Path) -> None:
    _step(root, 1, "")
    with pytest.raises(ContractTreeError, match="action is missing"):
        load_tree(root)


def test_a_function_is_named_once_its_version_is_registered(root: Path) -> None:
    actions = "".join(f'[[action]]\nregister = "ping"\nversion = {number}\n\n' for number in (1, 2, 3))
    level = '[[action]]\ncompatibility = "ping"\nlevel = "FULL_TRANSITIVE"\n\n'
    _step(root, 1, f"{actions}{level}{_UPCASTER}")
    check_steps(load_tree(root), load_steps(root))
    _step(root, 2, f"{actions}{level}")
    _step(root, 1, _UPCASTER)
    with pytest.raises(SchemaMigrationError, match="version 3 is not registered by then"):
        check_steps(load_tree(root), load_steps(root))


def test_a_new_step_names_functions_and_relaxes_the_level_for_the_break(root: Path) -> None:
    (root / "migrations" / "schemas" / "0001_step.toml").unlink()
    release(load_tree(root))
    answer = _new(root, "Begin.", "--upcaster", "ping", "2", _FUNCTION)
    assert answer.exit_code == 0, answer.exception
    assert answer.output.partition("\n\n")[0].splitlines()[-2:] == [
        "  register ping v3 under FORWARD_TRANSITIVE",
        f"  lift ping v2 by {_FUNCTION}",
    ]
    assert "nothing is to be done" in _new(root, "Again.").output


@pytest.mark.parametrize("upcaster", [("ping", "3", "m:f"), ("pong", "1", "m:f"), ("ping", "2", "m")])
def test_a_new_step_that_names_a_function_for_nothing_is_not_left_behind(
    root: Path, upcaster: tuple[str, str, str]
) -> None:
    (root / "migrations" / "schemas" / "0001_step.toml").unlink()
    assert isinstance(_new(root, "Begin.", "--upcaster", *upcaster).exception, SchemaMigrationError | ContractTreeError)
    assert load_steps(root) == ()


def test_for_the_check_it_is_still_a_break_which_says_that_our_code_lifts_it(root: Path) -> None:
    found = check(load_tree(root, history=True), [], today=_TODAY).problems
    assert {(each.version, each.kind) for each in found} == {(3, "READER_FIELD_MISSING_DEFAULT_VALUE")}
    assert all(f"(our code can: {_FUNCTION} lifts its events)" in each.sentence for each in found)
    assert all("waivers.toml" in each.fix for each in found)


def test_a_break_within_a_major_is_not_said_to_be_lifted(root: Path) -> None:
    _step(root, 1, _UPCASTER.replace("from = 2", "from = 1"))
    found = check(load_tree(root, history=True), [], today=_TODAY).problems
    said = [(each.sentence[:17], "our code can" in each.sentence) for each in found]
    assert said == [("v3 cannot read v2", False), ("v3 cannot read v1", True)]


def test_a_new_version_is_not_tried_at_run_time_on_what_is_lifted(tmp_path: Path) -> None:
    number = {"name": "n", "type": {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2}}
    finer = {"name": "n", "type": {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 4}}
    make_tree(tmp_path, ping(), ping(number), ping(finer))
    tree = load_tree(tmp_path)
    assert list(misread(tree.contracts, {tree.contracts[0].current})) != []
    _step(tmp_path, 1, _UPCASTER)
    tree = load_tree(tmp_path)
    assert list(misread(tree.contracts, {tree.contracts[0].current})) == []


def test_a_service_reads_what_is_lifted_and_is_deployed_first(root: Path) -> None:
    (contract,) = load_tree(root).contracts
    declared = [Declared(consumer="one", event="Ping", version=3, fields=("id", "n"))]
    proposed = change(contract, contract.versions[1], contract.versions[2])
    (service,) = touched(proposed, declared)
    assert service.effect is Effect.NONE
    assert all("Wait" not in step and "No order" not in step for step in deploy_order(proposed, [service]))
    _step(root, 1, _UPCASTER.replace("from = 2", "from = 1"))
    (contract,) = load_tree(root).contracts
    (service,) = touched(change(contract, *contract.versions[1:]), declared)
    assert service.ends == (2,)


def test_the_page_says_what_lifts_a_version(root: Path) -> None:
    text = "".join(pages(load_tree(root), []).values())
    assert text.count(f"yes, lifted by <code>{_FUNCTION}</code>") == 2


def test_a_tree_is_judged_even_when_the_version_is_gone_that_a_function_leads_to(root: Path) -> None:
    release(load_tree(root))
    (root / "contracts" / "avro" / "ping" / "v3.avsc").unlink()
    tree = load_tree(root, history=True)
    kinds = [each.kind for each in check(tree, [read_locked(tree)], today=_TODAY).problems]
    assert kinds == ["VERSION_DELETED"]
