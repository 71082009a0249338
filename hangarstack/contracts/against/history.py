"""What a lock held once, at commits before a ref: an entry that was taken out was released all the same."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hangarstack.contracts.against.running import ask_git, contents_of
from hangarstack.contracts.lock import Lock, parse_lock
from hangarstack.contracts.tomlfile import parse_toml
from hangarstack.errors import ContractTreeError

_COMMIT: Final = re.compile(rb"^([0-9a-f]{40,64})\n", re.MULTILINE)
"""The line before a commit's differences; every line of those begins otherwise."""
_SHOWN: Final = 10
"""Digits of a commit's hash that a sentence gives."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An entry that a lock has lost.

    Args:
        fingerprint: of the version.
        commit: the commit that took it out, abbreviated.
    """

    fingerprint: str
    commit: str


Entries = Mapping[str, Mapping[int, Entry]]
"""Directory of a contract to version to what its entry was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """What a lock has lost.

    Args:
        entries: each as it was when it was lost last.
        notes: sentences of what could not be looked at.
    """

    entries: Entries
    notes: tuple[str, ...]


def forgotten(root: Path, sha: str, path: str, now: bytes, label: str) -> Forgotten:
    """Return the entries that a lock held at an earlier commit of the ref's own line, and that it holds no more.

    An entry that only moved, with its directory or to another number, is not lost: something still guards it.

    Args:
        root: a directory within the repository.
        sha: of the commit.
        path: of the lock, from the repository's top.
        now: the lock at that commit; empty when it has none.
        label: what to call the comparison in an error.

    Raises:
        BaselineError: git cannot say.
    """
    kept = frozenset(now.splitlines())
    suspects = [(commit, blob) for commit, blob, gone in _losses(root, sha, path, label) if gone - kept]
    if not suspects:
        return Forgotten(entries={}, notes=())
    blobs = list(dict.fromkeys(blob for _, blob in suspects))
    contents = dict(zip(blobs, contents_of(root, blobs, label), strict=True))
    guarded = _parsed(now) or {}
    safe = {fingerprint for entries in guarded.values() for fingerprint in entries.values()}
    entries: dict[str, dict[int, Entry]] = {}
    notes = []
    for commit, blob in suspects:
        lock = _parsed(contents[blob])
        if lock is None:
            notes.append(f"contracts.lock before {commit} cannot be read, so what it has lost there is not known.")
        for directory, released in (lock or {}).items():
            for number, fingerprint in released.items():
                if number not in guarded.get(directory, {}) and fingerprint not in safe:
                    entry = Entry(fingerprint=fingerprint, commit=commit)
                    entries.setdefault(directory, {}).setdefault(number, entry)
    return Forgotten(entries=entries, notes=tuple(notes))


def _losses(root: Path, sha: str, path: str, label: str) -> Iterator[tuple[str, str, frozenset[bytes]]]:
    """Yield each commit that took lines out of a file, newest first, with the file's object before and the lines."""
    place = f":(top,literal){path}"
    # Only what git calls plumbing: `git log` does as the settings of whoever runs it say.
    history = ask_git(root, "rev-list", "--first-parent", "--parents", sha, "--", place, label=label)
    # Of a merge only what it did to the ref's own line counts, so no parent but the first is passed on.
    steps = [" ".join(line.split()[:2]) for line in history.decode().splitlines()]
    # The differences alone are read: most commits only add, and then nothing else need be.
    answer = ask_git(
        root,
        "diff-tree",
        "--stdin",
        "-r",
        "--raw",
        "--no-abbrev",
        "--patch",
        "--text",
        "--no-color",
        "--no-ext-diff",
        "--no-textconv",
        "--no-renames",
        "--",
        place,
        label=label,
        standard_input="".join(f"{step}\n" for step in steps),
    )
    parts = iter(_COMMIT.split(answer)[1:])
    for commit, block in zip(parts, parts, strict=True):
        lines = block.split(b"\n")
        raw = next((line.split() for line in lines if line.startswith(b":")), None)
        gone = frozenset(line[1:] for line in lines if line.startswith(b"-") and line[:4] != b"--- ")
        if raw is not None and gone:
            yield commit.decode()[:_SHOWN], raw[2].decode(), gone


def _parsed(data: bytes) -> Lock | None:
    try:
        return parse_lock(parse_toml(data, "contracts.lock"))
    except ContractTreeError:
        return None
