from __future__ import annotations

import json
import resource
from pathlib import Path

import pytest

from hangarstack.contracts.lock import read_lock, release, unreleased, verify_lock
from hangarstack.contracts.tree import load_tree
from hangarstack.errors import ContractTreeError, ReleasedVersionChangedError
from tests.unit.contracts.trees import add_versions, make_tree, ping


def test_releasing_pins_every_version_once(tmp_path: Path) -> None:
    make_tree(tmp_path)
    assert [version.number for version in release(load_tree(tmp_path))] == [1]
    verify_lock(load_tree(tmp_path))
    before = (tmp_path / "contracts" / "contracts.lock").stat()
    assert release(load_tree(tmp_path)) == []
    assert (tmp_path / "contracts" / "contracts.lock").stat() == before


def test_a_new_version_is_unreleased_until_it_is_locked(tmp_path: Path) -> None:
    directory = make_tree(tmp_path)
    release(load_tree(tmp_path))
    add_versions(directory, ping())
    tree = load_tree(tmp_path)
    verify_lock(tree)
    assert [version.number for version in unreleased(tree)] == [2]
    assert [version.number for version in release(tree)] == [2]
    assert unreleased(tree) == []


def test_a_changed_released_file_is_named(tmp_path: Path) -> None:
    directory = make_tree(tmp_path, ping(), ping())
    release(load_tree(tmp_path))
    (directory / "v1.avsc").write_text(json.dumps(ping() | {"doc": "Changed."}))
    with pytest.raises(ReleasedVersionChangedError, match="has changed since") as changed:
        verify_lock(load_tree(tmp_path))
    assert changed.value.where == str(directory / "v1.avsc")
    assert "v3.avsc" in changed.value.remedy
    with pytest.raises(ReleasedVersionChangedError):
        release(load_tree(tmp_path))


def test_a_deleted_released_version_is_named(tmp_path: Path) -> None:
    directory = make_tree(tmp_path, ping(), ping())
    release(load_tree(tmp_path))
    (directory / "v2.avsc").unlink()
    table = directory / "contract.toml"
    table.write_text(table.read_text().partition("[versions.2]")[0])
    with pytest.raises(ReleasedVersionChangedError, match="is gone") as gone:
        verify_lock(load_tree(tmp_path))
    assert gone.value.where == str(directory / "v2.avsc")


def test_a_renamed_contract_is_missed(tmp_path: Path) -> None:
    directory = make_tree(tmp_path)
    release(load_tree(tmp_path))
    directory.rename(directory.with_name("pang"))
    with pytest.raises(ReleasedVersionChangedError, match="is gone"):
        verify_lock(load_tree(tmp_path))


@pytest.mark.parametrize("text", [None, "[", "[ping]\none = 'x'", "[ping]\n1 = 5", "ping = 1"])
def test_a_missing_or_damaged_lock_never_passes(tmp_path: Path, text: str | None) -> None:
    make_tree(tmp_path)
    tree = load_tree(tmp_path)
    if text is not None:
        tree.lock_path.write_text(text)
    with pytest.raises(ContractTreeError) as refused:
        verify_lock(tree)
    assert refused.value.where.startswith(str(tree.lock_path))


def test_a_lock_that_cannot_be_written_stays_what_it_was(tmp_path: Path) -> None:
    directory = make_tree(tmp_path)
    release(load_tree(tmp_path))
    lock = tmp_path / "contracts" / "contracts.lock"
    before = lock.read_bytes()
    add_versions(directory, ping())
    tree = load_tree(tmp_path)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) // 2, limits[1]))
    try:
        with pytest.raises(ContractTreeError, match="the lock file cannot be written: File too large"):
            release(tree)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert lock.read_bytes() == before
    assert [version.number for version in release(tree)] == [2]


def test_a_directory_with_any_name_can_be_locked(tmp_path: Path) -> None:
    directory = make_tree(tmp_path)
    directory.rename(directory.with_name("a.b c"))
    release(load_tree(tmp_path))
    assert list(read_lock(tmp_path / "contracts" / "contracts.lock")) == ["a.b c"]
