"""A git ref as a baseline: read from the object store, so that no checkout is touched."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from hangarstack.contracts.against.baseline import Baseline, file_identity
from hangarstack.contracts.against.snapshot import WANTED, contracts_in, refuse_other_layout
from hangarstack.errors import BaselineError

_TIMEOUT_S: Final = 60
_SHA1_LENGTH: Final = 40
_ELSEWHERE: Final = {b"160000": "a submodule", b"120000": "a symbolic link"}
"""Modes of entries of git's trees that lead out of them."""
_HOLDS: Final = re.compile(r"avro|avro/[^/]+|avro/[^/]+/v[1-9][0-9]*\.avsc|contracts\.lock")
"""What holds contracts, so that a comparison without it would overlook them."""
_HOOK_VARIABLES: Final = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_OBJECT_DIRECTORY")
"""Set for hooks; they would lead git to another repository than the one that holds the contracts."""


def read_git(root: Path, ref: str, *, known: Mapping[bytes, str]) -> Baseline:
    """Read what the tree had released at a git ref; blocks for at most a minute a call.

    Args:
        root: the directory that holds ``contracts/``, within a git repository.
        ref: whatever git takes for a commit: a branch, a tag, ``HEAD~3``, a hash.
        known: see ``contracts_in``.

    Raises:
        BaselineError: no git, no repository, no such ref, or a file there is not what it should be.
    """
    label = f"git:{ref}"
    commit = _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}", label=label)
    sha = commit.decode().strip()
    prefix = _git(root, "rev-parse", "--show-prefix", label=label).decode().rstrip("\n")
    blobs = dict(_blobs(root, f"{sha}:{prefix}contracts", label))
    refuse_other_layout(blobs, label)
    blobs = {path: blob for path, blob in blobs.items() if WANTED.fullmatch(path)}
    if not blobs.keys() - {"contracts.lock"}:
        _refuse_elsewhere(root, sha, f"{prefix}contracts", label)
    # What the tree still has need not be read from the repository.
    contents = {_object_id(data, len(sha)): data for data in known}
    wanted = [blob for blob in dict.fromkeys(blobs.values()) if blob not in contents]
    contents |= zip(wanted, _contents(root, wanted, label), strict=True)
    files = {path: contents[blob] for path, blob in blobs.items()}
    contracts = contracts_in(files, label=label, known=known)
    note = "" if contracts else f"There are no contracts yet at {label}, so nothing was compared with it."
    return Baseline(label=label, identify=file_identity, contracts=contracts, note=note)


def _blobs(root: Path, tree: str, label: str) -> Iterator[tuple[str, str]]:
    """Yield path and object of every file; nothing when there is no such directory."""
    found = _run(root, ["rev-parse", "--verify", "--quiet", "--end-of-options", tree], b"", label)
    if found.returncode:
        return
    listing = _git(root, "ls-tree", "-r", "-z", "--full-tree", found.stdout.decode().strip(), label=label)
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
    names = _git(root, "ls-tree", "-r", "-z", "--name-only", "--full-tree", sha, label=label).split(b"\0")
    for name in map(os.fsdecode, names):
        home, _, rest = name.rpartition("contracts/avro/")
        if rest and rest.endswith("/contract.toml"):
            raise BaselineError(
                f"there are no contracts in {here}, but there are some in {home}contracts",
                where=label,
                remedy="Point --root at them, or compare with a ref that has them in the same place",
            )


def _contents(root: Path, objects: list[str], label: str) -> Iterator[bytes]:
    answer = _git(root, "cat-file", "--batch", label=label, standard_input="".join(f"{sha}\n" for sha in objects))
    at = 0
    for sha in objects:
        end = answer.find(b"\n", at)
        header = answer[at:end].split()
        if end < 0 or len(header) != 3:
            raise BaselineError(
                f"the object {sha} is not in the repository",
                where=label,
                remedy="Fetch the whole history: `git fetch --unshallow`, or fetch-depth: 0 in CI",
            )
        size = int(header[2])
        yield answer[end + 1 : end + 1 + size]
        at = end + size + 2


def _object_id(data: bytes, length: int) -> str:
    """Return the id that git gives a file of these contents; its length tells which hash the repository uses."""
    digest = hashlib.sha1(usedforsecurity=False) if length == _SHA1_LENGTH else hashlib.sha256()
    digest.update(b"blob %d\0" % len(data))
    digest.update(data)
    return digest.hexdigest()


def _git(root: Path, *arguments: str, label: str, standard_input: str = "") -> bytes:
    done = _run(root, list(arguments), standard_input.encode(), label)
    if done.returncode:
        _refuse_unborn(root, label)
        said = done.stderr.decode(errors="replace").strip() or "there is no such commit"
        raise BaselineError(
            f"git cannot read it: {said}",
            where=label,
            remedy="Check the ref; in CI check out the whole history (fetch-depth: 0)",
        )
    return done.stdout


def _refuse_unborn(root: Path, label: str) -> None:
    commits = _run(root, ["rev-list", "--all", "--max-count=1"], b"", label)
    if commits.returncode == 0 and not commits.stdout:
        raise BaselineError(
            "there is no commit yet to compare with",
            where=label,
            remedy="Commit first; until then leave --against out: contracts.lock is compared with anyway",
        )


def _run(root: Path, arguments: list[str], data: bytes, label: str) -> subprocess.CompletedProcess[bytes]:
    environment = {name: value for name, value in os.environ.items() if name not in _HOOK_VARIABLES}
    try:
        return subprocess.run(
            ["git", "-C", str(root), "--no-replace-objects", *arguments],  # noqa: S607 - git is found on PATH by design
            input=data,
            capture_output=True,
            check=False,
            timeout=_TIMEOUT_S,
            env=environment | {"GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"},
        )
    except FileNotFoundError as error:
        raise BaselineError("there is no git on this machine", where=label, remedy="Install git") from error
    except subprocess.TimeoutExpired as error:
        raise BaselineError(f"git gave no answer in {_TIMEOUT_S} s", where=label, remedy="Try again") from error
    except ValueError as error:
        raise BaselineError("the ref holds a null character", where=label, remedy="Check the ref") from error
