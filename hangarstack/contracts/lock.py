"""``contracts.lock``: the fingerprint of every released version, so that none changes unnoticed."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from hangarstack.contracts.files import is_there
from hangarstack.contracts.model import ContractTree, Version
from hangarstack.contracts.tomlfile import Table, read_toml
from hangarstack.contracts.versionfiles import VERSION
from hangarstack.errors import ContractTreeError, ReleasedVersionChangedError

Lock = Mapping[str, Mapping[int, str]]
"""Directory of a contract to version to fingerprint."""

_NUMBER: Final = re.compile(VERSION)
_BARE: Final = re.compile(r"[A-Za-z0-9_-]+")
_HEADER: Final = (
    "# The fingerprint of every released version. Made by `hangarstack contracts lock`, which only ever adds.\n"
)


def read_lock(path: Path) -> Lock:
    """Read a lock file.

    Raises:
        ContractTreeError: there is none, or it is damaged.
    """
    if not is_there(path):
        raise ContractTreeError(
            "there is no lock file, so nothing says what has been released",
            where=str(path),
            remedy="Restore it, or run `hangarstack contracts lock` in a new tree",
        )
    return parse_lock(read_toml(path))


def parse_lock(root: Table) -> Lock:
    """Read what a lock file holds; raises as ``read_lock`` does."""
    lock: dict[str, dict[int, str]] = {}
    for directory in root.rest():
        table = root.table(directory)
        lock[directory] = {}
        for number in table.rest():
            if not _NUMBER.fullmatch(number):
                raise table.error(number, "is no version")
            lock[directory][int(number)] = table.text(number)
    return lock


def verify_lock(tree: ContractTree) -> None:
    """Make sure that every released version is there and says what it said when it was released.

    Raises:
        ContractTreeError: there is no lock, or it is damaged.
        ReleasedVersionChangedError: a released version was edited, moved or deleted; ``where`` is its file.
    """
    _verify(tree, read_lock(tree.lock_path))


def unreleased(tree: ContractTree) -> list[Version]:
    """Return the versions that the lock does not hold; all of them when there is no lock yet."""
    lock = read_lock(tree.lock_path) if is_there(tree.lock_path) else {}
    return [
        version
        for contract in tree.contracts
        for version in contract.versions
        if version.number not in lock.get(contract.directory.name, {})
    ]


def release(tree: ContractTree) -> list[Version]:
    """Add every version that is not released yet to the lock file.

    Returns:
        The versions that are released now; the file is not touched when there are none.

    Raises:
        ContractTreeError: the lock is damaged, or cannot be written.
        ReleasedVersionChangedError: see ``verify_lock``; nothing is released then.
    """
    if is_there(tree.lock_path):
        verify_lock(tree)
    new = unreleased(tree)
    if new:
        _write(tree.lock_path, _render(tree))
    return new


def _write(path: Path, text: str) -> None:
    # Whole or not at all: half a lock would not know what was released.
    draft = path.with_suffix(".draft")
    try:
        draft.write_text(text, encoding="utf-8")
        draft.replace(path)
    except OSError as error:
        raise ContractTreeError(
            f"the lock file cannot be written: {error.strerror}", where=str(path), remedy="Allow it, and try again"
        ) from error


def _verify(tree: ContractTree, lock: Lock) -> None:
    found = {contract.directory.name: contract for contract in tree.contracts}
    for directory, released in lock.items():
        contract = found.get(directory)
        versions = {version.number: version for version in contract.versions} if contract else {}
        for number, expected in released.items():
            version = versions.get(number)
            if version is None:
                raise ReleasedVersionChangedError(
                    f"version {number} was released, and is gone",
                    where=str(tree.root / "contracts" / "avro" / directory / f"v{number}.avsc"),
                    remedy="Restore it: events of that version may still be in the topic",
                )
            if version.fingerprint != expected:
                raise ReleasedVersionChangedError(
                    f"version {number} was released, and has changed since",
                    where=str(version.path),
                    remedy=f"Undo the change, and make it in v{max(versions) + 1}.avsc",
                )


def _render(tree: ContractTree) -> str:
    parts = [_HEADER]
    for contract in tree.contracts:
        lines = [f'{version.number} = "{version.fingerprint}"' for version in contract.versions]
        parts.append("\n".join([f"[{_key(contract.directory.name)}]", *lines]) + "\n")
    return "\n".join(parts)


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else json.dumps(name)
