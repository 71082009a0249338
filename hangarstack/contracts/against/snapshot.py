"""The files of a contract tree at another time or place, read for what they released and nothing else.

An old tree need not have the keys that ``contract.toml`` has today, so only those that matter are looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Final

from hangarstack.contracts.against.baseline import Past, PastVersion
from hangarstack.contracts.against.history import Entries, Entry
from hangarstack.contracts.compatibility import Level
from hangarstack.contracts.fingerprint import fingerprint
from hangarstack.contracts.lock import Lock, parse_lock
from hangarstack.contracts.schema import Schema, parse_schema
from hangarstack.contracts.schema.jsontree import read_json
from hangarstack.contracts.tomlfile import parse_toml
from hangarstack.contracts.versionfiles import VERSION
from hangarstack.errors import BaselineError, ContractTreeError, InvalidSchemaError

WANTED: Final = re.compile(rf"contracts\.lock|avro/([^/]+)/(contract\.toml|v({VERSION})\.avsc)")
"""The files that matter, relative to ``contracts/``."""


def contracts_in(
    files: Mapping[str, bytes], *, label: str, known: Mapping[bytes, str], forgotten: Entries | None = None
) -> tuple[Past, ...]:
    """Return the contracts with their released versions.

    Where there is a lock it says which versions those are, else all of them are. A version that another one follows was
    released whatever the lock says, for somebody may have taken it out; and so was what the lock is known to have held.

    Args:
        files: path relative to ``contracts/`` to contents; those that ``WANTED`` matches.
        label: what to call the tree in an error.
        known: contents of schemas to their fingerprints, so that what is the same is not read again.
        forgotten: what the lock held before, and holds no more.

    Raises:
        BaselineError: a file is not what it should be.
    """
    lock = _lock(files, label)
    directories: dict[str, dict[int, str]] = {}
    for path in files:
        found = WANTED.fullmatch(path)
        if found and found[3]:
            directories.setdefault(found[1], {})[int(found[3])] = path
    contracts = []
    for directory in sorted(directories.keys() | (lock or {}).keys()):
        paths = directories.get(directory, {})
        locked = (lock or {}).get(directory, {})
        lost = (forgotten or {}).get(directory, {})
        draft = max(paths, default=0) if lock is not None else 0
        numbers = sorted(locked.keys() | lost.keys() | (paths.keys() - {draft}))
        # A draft is not looked at: whatever it holds was promised to nobody.
        there = {n: _version(files, paths[n], n, label, known) for n in numbers if n in paths}
        versions = tuple(_released(n, there.get(n), locked.get(n, ""), lost.get(n)) for n in numbers)
        contracts.append(_contract(files, directory, versions, label))
    return tuple(contracts)


def refuse_other_layout(paths: Iterable[str], label: str) -> None:
    """Refuse a tree that holds contracts which would be overlooked: what is not found cannot be compared with.

    Args:
        paths: all files of the tree, relative to ``contracts/``.
        label: what to call the tree in an error.

    Raises:
        BaselineError: a directory of ``avro/`` holds a contract or a schema, and no ``vN.avsc``.
    """
    sound: set[str] = set()
    suspects: dict[str, str] = {}
    for path in paths:
        found, parts = WANTED.fullmatch(path), path.split("/")
        if found and found[3]:
            sound.add(found[1])
        elif parts[0] == "avro" and len(parts) > 1 and (parts[-1] == "contract.toml" or path.lower().endswith(".avsc")):
            suspects.setdefault(parts[1], path)
    for directory in sorted(suspects.keys() - sound):
        if not (directory.lower().endswith(".avsc") and sound):
            raise BaselineError(
                f"{suspects[directory]} is there, and no vN.avsc in a directory avro/{directory}: nobody can say which "
                "versions there were",
                where=f"contracts at {label}",
                remedy="Compare with a tree whose versions are contracts/avro/CONTRACT/vN.avsc",
            )


def _lock(files: Mapping[str, bytes], label: str) -> Lock | None:
    data = files.get("contracts.lock")
    if data is None:
        return None
    try:
        return parse_lock(parse_toml(data, f"contracts.lock at {label}"))
    except ContractTreeError as error:
        raise BaselineError(error.what, where=error.where, remedy="Compare with one that has a sound lock") from error


def _version(files: Mapping[str, bytes], path: str, number: int, label: str, known: Mapping[bytes, str]) -> PastVersion:
    data, where = files[path], f"{path} at {label}"
    identity = known.get(data)
    if identity is None:
        identity = fingerprint_of(data, where)
    return PastVersion(number=number, identity=identity, schema=partial(schema_of, data, where))


def _released(number: int, there: PastVersion | None, locked: str, lost: Entry | None) -> PastVersion:
    """Return a version as it was released.

    Args:
        number: of the version.
        there: what its file says; ``None`` where it is gone.
        locked: what the lock says; empty where it says nothing.
        lost: what the lock said once and says no more.
    """
    if lost is None:
        known = there if there is not None else PastVersion(number=number, identity=locked)
        return replace(known, locked=locked or None)
    # The file may have been edited after the lock had lost its entry: then it is not what was released.
    same = there is not None and there.identity == lost.fingerprint
    return PastVersion(
        number=number,
        identity=lost.fingerprint,
        locked=lost.fingerprint,
        schema=there.schema if there is not None and same else None,
        source=f"contracts.lock before {lost.commit}",
        gone=there is None,
    )


def fingerprint_of(data: bytes, where: str) -> str:
    """Return the fingerprint of a schema file's contents; raises ``BaselineError``."""
    try:
        return fingerprint(read_json(data.decode(), where=where))
    except (InvalidSchemaError, UnicodeDecodeError, RecursionError) as error:
        raise unreadable(error, where) from error


def schema_of(data: bytes, where: str) -> Schema:
    """Parse a schema file's contents; raises ``BaselineError``."""
    try:
        return parse_schema(read_json(data.decode(), where=where), side=where)
    except (InvalidSchemaError, UnicodeDecodeError) as error:
        raise unreadable(error, where) from error


def unreadable(error: Exception, where: str) -> BaselineError:
    """Return the error for a released schema that cannot be read."""
    what = error.what if isinstance(error, InvalidSchemaError) else str(error) or type(error).__name__
    place = error.where if isinstance(error, InvalidSchemaError) else where
    return BaselineError(
        f"a released schema cannot be read: {what}", where=place, remedy="Compare with one whose schemas are sound"
    )


def _contract(files: Mapping[str, bytes], directory: str, versions: tuple[PastVersion, ...], label: str) -> Past:
    path = f"avro/{directory}/contract.toml"
    if path not in files:
        raise BaselineError(
            "the contract has released versions and no contract.toml",
            where=f"{path} at {label}",
            remedy="Compare with one that has it",
        )
    try:
        table = parse_toml(files[path], f"{path} at {label}")
    except ContractTreeError as error:
        raise BaselineError(error.what, where=error.where, remedy="Compare with one that can be read") from error
    topic = table.peek("topic")
    topic = topic if isinstance(topic, dict) else {}
    level = _text(table.peek("compatibility"))
    partitions = topic.get("partitions")
    return Past(
        directory=directory,
        event=_text(table.peek("event")),
        topic=_text(topic.get("name")),
        key=_text(table.peek("key")),
        partitions=partitions if type(partitions) is int else None,
        compatibility=Level(level) if level in set(Level) else None,
        versions=versions,
    )


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
