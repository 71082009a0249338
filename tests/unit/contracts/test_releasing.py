from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from hangarstack.contracts.lock import read_lock
from hangarstack.contracts.releasing import release_sound, verify_registered
from hangarstack.contracts.tree import load_tree
from hangarstack.errors import CheckFailedError, ContractTreeError
from tests.unit.contracts.trees import CONTRACT, EXAMPLE, add_versions, make_tree, ping


def write_step(root: Path, number: int, *registers: tuple[str, int]) -> None:
    home = root / "migrations" / "schemas"
    home.mkdir(parents=True, exist_ok=True)
    actions = "".join(f'\n[[action]]\nregister = "{name}"\nversion = {version}\n' for name, version in registers)
    (home / f"{number:04}_step.toml").write_text(f'description = "Why."\n{actions}')


def add_sound_version(directory: Path) -> None:
    add_versions(directory, ping())
    number = len(list(directory.glob("v*.avsc")))
    examples = directory / "examples" / f"v{number}"
    examples.mkdir()
    (examples / "one.json").write_text((directory / "examples" / "v1" / "one.json").read_text())


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
    release_sound(load_tree(tmp_path))
    write_step(tmp_path, 1, ("ping", 1), ("pong", 1))
    write_step(tmp_path, 2, ("ping", 2))
    verify_registered(load_tree(tmp_path))
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
    for attempt in (verify_registered, release_sound):
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
        release_sound(tree)
    assert not tree.lock_path.exists()


def test_the_newest_version_is_released_after_its_step_is_written(directory: Path, tmp_path: Path) -> None:
    add_sound_version(directory)
    tree = load_tree(tmp_path)
    verify_registered(tree)
    write_step(tmp_path, 3, ("ping", 3))
    with pytest.raises(ContractTreeError, match=r"not released yet: ping v3.*contracts lock"):
        verify_registered(tree)
    assert [version.number for version in release_sound(tree)] == [3]
    verify_registered(tree)


def test_a_version_that_is_not_the_newest_is_not_released_after_its_step(directory: Path, tmp_path: Path) -> None:
    for number in (3, 4):
        add_sound_version(directory)
        write_step(tmp_path, number, ("ping", number))
    with pytest.raises(ContractTreeError, match="registers: ping v3"):
        release_sound(load_tree(tmp_path))


@pytest.mark.usefixtures("directory")
def test_a_version_whose_step_registers_a_locked_one_too_was_lost(tmp_path: Path) -> None:
    write_step(tmp_path, 1, ("ping", 1))
    write_step(tmp_path, 2, ("ping", 2), ("pong", 1))
    tree = load_tree(tmp_path)
    tree.lock_path.write_text(_without("pong")(tree.lock_path.read_text()))
    with pytest.raises(ContractTreeError, match="registers: pong v1"):
        release_sound(tree)


def test_a_version_with_lint_errors_is_not_released(directory: Path, tmp_path: Path) -> None:
    add_sound_version(directory)
    path = directory / "v3.avsc"
    path.write_text(path.read_text().replace('"doc": "Id."', '"doc": ""'))
    tree = load_tree(tmp_path)
    before = read_lock(tree.lock_path)
    with pytest.raises(CheckFailedError, match="documented") as refused:
        release_sound(tree)
    assert refused.value.where.startswith(str(path))
    assert read_lock(tree.lock_path) == before


def test_lint_errors_of_another_contract_hold_nothing_up(directory: Path, tmp_path: Path) -> None:
    add_sound_version(directory)
    (directory.with_name("pong") / "examples" / "v1" / "one.json").unlink()
    assert [version.number for version in release_sound(load_tree(tmp_path))] == [3]
