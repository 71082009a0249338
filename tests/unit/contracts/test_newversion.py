from __future__ import annotations

from pathlib import Path

import pytest

from hangarstack.contracts.lock import release, verify_lock
from hangarstack.contracts.newversion import begin_version, checklist
from hangarstack.contracts.tree import load_tree
from hangarstack.errors import ContractTreeError
from tests.unit.contracts.trees import EXAMPLE, add_versions, make_tree, ping


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A released contract of one version."""
    made = make_tree(tmp_path)
    release(load_tree(tmp_path))
    return made


def _begin(root: Path, reason: str = "More is known.") -> tuple[Path, ...]:
    tree = load_tree(root)
    return begin_version(tree, tree.contracts[0], reason)


def test_a_new_version_is_a_copy_of_the_current_one_with_its_examples_and_a_reason(
    directory: Path, tmp_path: Path
) -> None:
    table = directory / "contract.toml"
    assert _begin(tmp_path, 'They say "more".') == (
        directory / "v2.avsc",
        directory / "examples" / "v2" / "one.json",
        table,
    )
    tree = load_tree(tmp_path)
    verify_lock(tree)
    (contract,) = tree.contracts
    assert contract.current.number == 2
    assert contract.current.text == contract.versions[0].text
    assert contract.current.reason == 'They say "more".'
    assert [example.record for example in contract.current.examples] == [EXAMPLE]
    assert contract.versions[0].reason == "It begins."


def test_a_version_that_is_not_released_is_changed_rather_than_followed(directory: Path, tmp_path: Path) -> None:
    add_versions(directory, ping())
    before = sorted(directory.rglob("*"))
    with pytest.raises(ContractTreeError, match="version 2 is not released yet"):
        _begin(tmp_path)
    assert sorted(directory.rglob("*")) == before


def test_nothing_is_overwritten(directory: Path, tmp_path: Path) -> None:
    stray = directory / "examples" / "v2" / "one.json"
    stray.parent.mkdir()
    stray.write_text("mine")
    with pytest.raises(ContractTreeError, match="such a file already"):
        _begin(tmp_path)
    assert stray.read_text() == "mine"
    assert not (directory / "v2.avsc").exists()


def test_a_file_that_cannot_be_written_leaves_a_tree_that_loads(directory: Path, tmp_path: Path) -> None:
    (directory / "examples" / "v2").write_text("a file where a directory shall be")
    with pytest.raises(ContractTreeError, match="cannot be written"):
        _begin(tmp_path)
    assert load_tree(tmp_path).contracts[0].current.number == 1


def test_the_checklist_names_the_files_and_whom_to_speak_to(directory: Path, tmp_path: Path) -> None:
    contract = load_tree(tmp_path).contracts[0]
    items = checklist(contract, generates="`generate it`", options=" --root there", base=tmp_path)
    assert items[0].startswith(f"Change {(directory / 'v2.avsc').relative_to(tmp_path)}: ")
    assert any("nobody reads it yet" in item for item in items)
    for words in ("lint", "diff ping", "check", "impact ping", "lock"):
        assert any(item.startswith(f"`hangarstack contracts {words} --root there`") for item in items)
    assert any(item.startswith("`hangarstack migrate new --root there`") for item in items)
    assert any(item.startswith("`generate it` writes") for item in items)
