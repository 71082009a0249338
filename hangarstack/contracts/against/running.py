"""Git as a program that is asked: for a bounded time, and of the repository that holds the contracts alone."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from hangarstack.errors import BaselineError

_TIMEOUT_S: Final = 60
_GIT: Final = ("git", "--no-replace-objects", "-c", "advice.graftFileDeprecated=false")
_LEFT_OUT: Final = (
    # Set for hooks; they would lead git to another repository than the one that holds the contracts.
    *("GIT_DIR", "GIT_COMMON_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_OBJECT_DIRECTORY"),
    # They would have git take the lock's place in the repository for a name of another kind, and find nothing there.
    *("GIT_LITERAL_PATHSPECS", "GIT_GLOB_PATHSPECS", "GIT_NOGLOB_PATHSPECS", "GIT_ICASE_PATHSPECS"),
)
_ALWAYS: Final = {
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_GRAFT_FILE": os.devnull,  # it would hide commits, as replacements would
    "LC_ALL": "C",
}


def ask_git(root: Path, *arguments: str, label: str, standard_input: str = "") -> bytes:
    """Return what a git command answers in a repository; blocks for at most a minute.

    Args:
        root: a directory within the repository.
        arguments: of the command.
        label: what to call the comparison in an error.
        standard_input: for the command.

    Raises:
        BaselineError: the command fails, or ``run_git`` does.
    """
    done = run_git(root, list(arguments), standard_input.encode(), label)
    if done.returncode:
        _refuse_unborn(root, label)
        said = done.stderr.decode(errors="replace").strip() or "there is no such commit"
        raise BaselineError(
            f"git cannot read it: {said}",
            where=label,
            remedy="Check the ref; in CI check out the whole history (fetch-depth: 0)",
        )
    return done.stdout


def contents_of(root: Path, objects: list[str], label: str) -> Iterator[bytes]:
    """Yield the contents of objects of a repository, in their order; blocks for at most a minute.

    Raises:
        BaselineError: one is not there, or ``ask_git`` fails.
    """
    answer = ask_git(root, "cat-file", "--batch", label=label, standard_input="".join(f"{sha}\n" for sha in objects))
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


def _refuse_unborn(root: Path, label: str) -> None:
    commits = run_git(root, ["rev-list", "--all", "--max-count=1"], b"", label)
    if b"not a git repository" in commits.stderr:
        raise BaselineError(
            f"{root} is in no git repository",
            where=label,
            remedy="Run it in a checkout, or compare with dir:PATH; contracts.lock is compared with anyway",
        )
    if commits.returncode == 0 and not commits.stdout:
        raise BaselineError(
            "there is no commit yet to compare with",
            where=label,
            remedy="Commit first; until then leave --against out: contracts.lock is compared with anyway",
        )


def run_git(root: Path, arguments: list[str], data: bytes, label: str) -> subprocess.CompletedProcess[bytes]:
    """Run a git command in a repository, whatever it answers; blocks for at most a minute.

    Raises:
        BaselineError: there is no git, it gives no answer in time, or an argument holds a null character.
    """
    environment = {name: value for name, value in os.environ.items() if name not in _LEFT_OUT}
    try:
        return subprocess.run(
            [*_GIT, "-C", str(root), *arguments],
            input=data,
            capture_output=True,
            check=False,
            timeout=_TIMEOUT_S,
            env=environment | _ALWAYS,
        )
    except FileNotFoundError as error:
        raise BaselineError("there is no git on this machine", where=label, remedy="Install git") from error
    except subprocess.TimeoutExpired as error:
        raise BaselineError(f"git gave no answer in {_TIMEOUT_S} s", where=label, remedy="Try again") from error
    except ValueError as error:
        raise BaselineError("the ref holds a null character", where=label, remedy="Check the ref") from error
