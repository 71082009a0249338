from __future__ import annotations

import datetime
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from hangarstack.contracts.lock import read_lock
from hangarstack.contracts.releasing import release_sound, verify_released, waiting
from hangarstack.contracts.tree import load_tree
from hangarstack.errors import CheckFailedError, ContractTreeError
from tests.unit.contracts.trees import CONTRACT, EXAMPLE, WAIVER, Json, add_versions, make_tree, ping

TODAY = datetime.date(2026, 6, 1)


def write_step(root: Path, number: int, *registers: tuple[str, int]) -> None:
    home = root / "migrations" / "schemas"
    home.mkdir(parents=True, exist_ok=True)
    actions = "".join(f'\n[[action]]\nregister = "{name}"\nversion = {version}\n' for name, version in registers)
    (home / f"{number:04}_step.toml").write_text(f'description = "Why."\n{actions}')


def add_sound_version(directory: Path, *fields: Json) -> None:
    number = len(list(directory.glob("v*.avsc"))) + 1
    add_versions(directory, ping(*fields, doc=f"A ping of the {number}. kind."))
    examples = directory / "examples" / f"v{number}"
    examples.mkdir()
    record = json.loads((directory / "examples" / "v1" / "one.json").read_text())
    (examples / "one.json").write_text(json.dumps(record | {field["name"]: field["default"] for field in fields}))


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A contract of two versions, both released and registered, beside another of one."""
    made = make_tree(tmp_path)
    other = made.with_name("pong")
    (other / "examples" / "v1").mkdir(parents=True)
    (other / "examples" / "v1" / "one.json").write_text(json.dumps(EXAMPLE))
    (other / "contract.toml").write_text(CONTRACT.replace('"Ping"', '"Pong"').replace("pings", "pongs"))
    (other / "v1.avsc").write_text((made / "v1.avsc").read_text().replace('"Ping"', '"Pong"'))
    add_sound_version(made)
    release_sound(load_tree(tmp_path), today=TODAY)
    write_step(tmp_path, 1, ("ping", 1), ("pong", 1))
    write_step(tmp_path, 2, ("ping", 2))
    assert waiting(load_tree(tmp_path)) == ()
    return made


def _without(contract: str) -> Callable[[str], str]:
    return lambda text: "\n\n".join(part for part in text.split("\n\n") if not part.startswith(f"[{contract}]"))


def _without_first_versions(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if not line.startswith("1 ="))


@pytest.mark.usefixtures("directory")
@pytest.mark.parametrize(
    ("lose", "named"),
    [
        pytest.param(lambda _: "", "ping v1, ping v2, pong v1", id="everything"),
        pytest.param(_without("ping"), "ping v1", id="a contract"),
        pytest.param(_without("pong"), "pong v1", id="a contract of one version"),
        pytest.param(_without_first_versions, "ping v1, pong v1", id="versions"),
    ],
)
def test_a_lock_that_lost_what_the_steps_register_neither_passes_nor_is_filled_again(
    tmp_path: Path, lose: Callable[[str], str], named: str
) -> None:
    tree = load_tree(tmp_path)
    tree.lock_path.write_text(lose(tree.lock_path.read_text()))
    before = tree.lock_path.read_text()
    for attempt in (waiting, lambda tree: release_sound(tree, today=TODAY)):
        with pytest.raises(ContractTreeError, match=f"registers: {named}") as refused:
            attempt(tree)
        assert refused.value.where == str(tree.lock_path)
        assert "Restore" in refused.value.remedy
    assert tree.lock_path.read_text() == before


@pytest.mark.usefixtures("directory")
def test_a_lock_that_is_gone_is_not_made_anew(tmp_path: Path) -> None:
    tree = load_tree(tmp_path)
    tree.lock_path.unlink()
    with pytest.raises(ContractTreeError, match="registers: ping v1"):
        release_sound(tree, today=TODAY)
    assert not tree.lock_path.exists()


def test_the_newest_version_is_released_after_its_step_is_written(directory: Path, tmp_path: Path) -> None:
    add_sound_version(directory)
    tree = load_tree(tmp_path)
    verify_released(tree)
    write_step(tmp_path, 3, ("ping", 3))
    (problem,) = waiting(tree)
    assert (problem.kind, problem.contract, problem.version) == ("VERSION_NOT_RELEASED", "Ping", 3)
    assert problem.file.name == "0003_step.toml"
    with pytest.raises(ContractTreeError, match=r"registers v3, which is not released yet.*contracts lock"):
        verify_released(tree)
    assert [version.number for version in release_sound(tree, today=TODAY)] == [3]
    assert waiting(tree) == ()
    verify_released(tree)


@pytest.mark.parametrize(
    ("name", "number", "said"),
    [("ping", 9, "ping v9: the newest version is v2"), ("nope", 1, "nope v1: there is none")],
)
@pytest.mark.usefixtures("directory")
def test_a_step_that_registers_what_is_not_there_is_named(tmp_path: Path, name: str, number: int, said: str) -> None:
    write_step(tmp_path, 3, (name, number))
    with pytest.raises(ContractTreeError, match=said) as refused:
        waiting(load_tree(tmp_path))
    assert refused.value.where.endswith("0003_step.toml")


def test_a_version_that_is_not_the_newest_is_not_released_after_its_step(directory: Path, tmp_path: Path) -> None:
    for number in (3, 4):
        add_sound_version(directory)
        write_step(tmp_path, number, ("ping", number))
    with pytest.raises(ContractTreeError, match="registers: ping v3"):
        release_sound(load_tree(tmp_path), today=TODAY)


@pytest.mark.usefixtures("directory")
def test_a_version_whose_step_registers_a_locked_one_too_was_lost(tmp_path: Path) -> None:
    write_step(tmp_path, 1, ("ping", 1))
    write_step(tmp_path, 2, ("ping", 2), ("pong", 1))
    tree = load_tree(tmp_path)
    tree.lock_path.write_text(_without("pong")(tree.lock_path.read_text()))
    with pytest.raises(ContractTreeError, match="registers: pong v1"):
        release_sound(tree, today=TODAY)


def test_a_version_with_lint_errors_is_not_released(directory: Path, tmp_path: Path) -> None:
    add_sound_version(directory)
    path = directory / "v3.avsc"
    path.write_text(path.read_text().replace('"doc": "Id."', '"doc": ""'))
    tree = load_tree(tmp_path)
    before = read_lock(tree.lock_path)
    with pytest.raises(CheckFailedError, match="documented") as refused:
        release_sound(tree, today=TODAY)
    assert refused.value.where.startswith(str(path))
    assert read_lock(tree.lock_path) == before


def test_lint_errors_of_another_contract_hold_nothing_up(directory: Path, tmp_path: Path) -> None:
    add_sound_version(directory)
    (directory.with_name("pong") / "examples" / "v1" / "one.json").unlink()
    assert [version.number for version in release_sound(load_tree(tmp_path), today=TODAY)] == [3]


def test_a_version_that_breaks_readers_is_released_under_a_waiver_alone(directory: Path, tmp_path: Path) -> None:
    table = directory / "contract.toml"
    # Where old readers read what is new no example can tell.
    table.write_text(table.read_text().replace('"BACKWARD"', '"FORWARD"'))
    field = {"name": "n", "doc": "N.", "type": ["null", "int"], "default": None}
    add_sound_version(directory, field)
    release_sound(load_tree(tmp_path), today=TODAY)
    add_sound_version(directory, field | {"type": ["null", "long"]})
    before = read_lock(load_tree(tmp_path).lock_path)
    with pytest.raises(CheckFailedError, match="v3 cannot read v4: n: the writer may write a long") as refused:
        release_sound(load_tree(tmp_path), today=TODAY)
    assert refused.value.where == str(directory / "v4.avsc")
    assert read_lock(load_tree(tmp_path).lock_path) == before
    about = 'versions = [4]\nreaders = [3]\ntype = "MISSING_UNION_BRANCH"\npath = "/fields/3/type"'
    waiver = re.sub(r"versions(.|\n)*fields/3\"", about, WAIVER)
    (tmp_path / "contracts" / "waivers.toml").write_text(waiver)
    with pytest.raises(CheckFailedError, match="v3 cannot read v4"):
        release_sound(load_tree(tmp_path), today=datetime.date(2026, 6, 2))
    assert [version.number for version in release_sound(load_tree(tmp_path), today=TODAY)] == [4]
