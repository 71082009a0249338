"""A git ref as a baseline: read from the object store, so that no checkout is touched."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from hangarstack.contracts.against.baseline import Baseline, file_identity
from hangarstack.contracts.against.history import forgotten
from hangarstack.contracts.against.running import ask_git, contents_of, run_git
from hangarstack.contracts.against.snapshot import WANTED, contracts_in, refuse_other_layout
from hangarstack.errors import BaselineError

_SHA1_LENGTH: Final = 40
_ELSEWHERE: Final = {b"160000": "a submodule", b"120000": "a symbolic link"}
"""Modes of entries of git's trees that lead out of them."""
_HOLDS: Final = re.compile(r"avro|avro/[^/]+|avro/[^/]+/v[1-9][0-9]*\.avsc|contracts\.lock")
"""What holds contracts, so that a comparison without it would overlook them."""


def read_git(root: Path, ref: str, *, known: Mapping[bytes, str]) -> Baseline:
    """Read what the tree had released at a git ref, and what its lock has lost until then.

    Blocks for at most a minute a call of git, of which there are ten at most.

    Args:
        root: the directory that holds ``contracts/``, within a git repository.
        ref: whatever git takes for a commit: a branch, a tag, ``HEAD~3``, a hash, ``:/`` and words of its message.
        known: see ``contracts_in``.

    Raises:
        BaselineError: no git, no repository, no such ref, or a file there is not what it should be.
    """
    label = f"git:{ref}"
    sha = _commit(root, ref, label)
    place = ask_git(root, "rev-parse", "--is-shallow-repository", "--show-prefix", label=label).decode()
    shallow, _, prefix = place.removesuffix("\n").partition("\n")
    blobs = dict(_blobs(root, f"{sha}:{prefix}contracts", label))
    refuse_other_layout(blobs, label)
    blobs = {path: blob for path, blob in blobs.items() if WANTED.fullmatch(path)}
    if not blobs.keys() - {"contracts.lock"}:
        _refuse_elsewhere(root, sha, f"{prefix}contracts", label)
    # What the tree still has need not be read from the repository.
    contents = {_object_id(data, len(sha)): data for data in known}
    wanted = [blob for blob in dict.fromkeys(blobs.values()) if blob not in contents]
    contents |= zip(wanted, contents_of(root, wanted, label), strict=True)
    files = {path: contents[blob] for path, blob in blobs.items()}
    past = forgotten(root, sha, f"{prefix}contracts/contracts.lock", files.get("contracts.lock", b""), label)
    contracts = contracts_in(files, label=label, known=known, forgotten=past.entries)
    notes = list(past.notes)
    if not contracts:
        notes.append(f"There are no contracts yet at {label}, so nothing was compared with it.")
    elif shallow == "true":
        notes.append(f"The clone is shallow, so what contracts.lock may have lost before {label} was not looked for.")
    return Baseline(label=label, identify=file_identity, contracts=contracts, note=" ".join(notes))


def _commit(root: Path, ref: str, label: str) -> str:
    # In two steps, because what follows the words of a message (``:/fix``) would be looked for in messages as well.
    # A ref may begin with a dash; it is an option to git unless the options have ended.
    found = ask_git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", ref, label=label).decode().strip()
    return ask_git(root, "rev-parse", "--verify", "--quiet", f"{found}^{{commit}}", label=label).decode().strip()


def _blobs(root: Path, tree: str, label: str) -> Iterator[tuple[str, str]]:
    """Yield path and object of every file; nothing when there is no such directory."""
    found = run_git(root, ["rev-parse", "--verify", "--quiet", tree], b"", label)
    if found.returncode:
        return
    listing = ask_git(root, "ls-tree", "-r", "-z", "--full-tree", found.stdout.decode().strip(), label=label)
    for entry in listing.split(b"\0")[:-1]:
        about, _, name = entry.partition(b"\t")
        mode, kind, sha = about.split()
        path = os.fsdecode(name)
        if mode in _ELSEWHERE and _HOLDS.fullmatch(path):
            raise BaselineError(
                f"contracts/{path} is {_ELSEWHERE[mode]}: what it holds is not in this repository's history",
                where=label,
                remedy="Compare with a ref that has the files themselves, or with dir:PATH",
            )
        if kind == b"blob":
            yield path, sha.decode()


def _refuse_elsewhere(root: Path, sha: str, here: str, label: str) -> None:
    names = ask_git(root, "ls-tree", "-r", "-z", "--name-only", "--full-tree", sha, label=label).split(b"\0")
    for name in map(os.fsdecode, names):
        home, _, rest = name.rpartition("contracts/avro/")
        if rest and rest.endswith("/contract.toml"):
            raise BaselineError(
                f"there are no contracts in {here}, but there are some in {home}contracts",
                where=label,
                remedy="Point --root at them, or compare with a ref that has them in the same place",
            )


def _object_id(data: bytes, length: int) -> str:
    """Return the id that git gives a file of these contents; its length tells which hash the repository uses."""
    digest = hashlib.sha1(usedforsecurity=False) if length == _SHA1_LENGTH else hashlib.sha256()
    digest.update(b"blob %d\0" % len(data))
    digest.update(data)
    return digest.hexdigest()
