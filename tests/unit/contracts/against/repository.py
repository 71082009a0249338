"""A git repository with a released contract of three versions."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

from hangarstack.contracts.lock import release
from hangarstack.contracts.tree import load_tree
from tests.unit.contracts.trees import CONTRACT, make_tree, ping

OPTIONAL: dict[str, Any] = {"name": "n", "type": ["null", "int"], "default": None, "doc": "N."}
OTHER: dict[str, Any] = {"name": "m", "type": ["null", "int"], "default": None, "doc": "M."}


def git(root: Path, *arguments: str) -> str:
    """Run git, without the settings of whoever runs the tests."""
    done = subprocess.run(
        ["git", "-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false", *arguments],  # noqa: S607 - as the tests' machine has it
        cwd=root,
        check=True,
        capture_output=True,
        text=True,
        timeout=30,
    )
    return done.stdout.strip()


def commit(root: Path, message: str = "more") -> None:
    """Commit all that is there."""
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--allow-empty", "--message", message)


def released(root: Path, level: str = "BACKWARD_TRANSITIVE", *first: dict[str, Any]) -> Path:
    """Write three released versions, commit them to ``main``, and return the contract's directory.

    Args:
        root: of the repository.
        level: of the contract.
        first: more fields of the first version alone.
    """
    directory = make_tree(root, ping(*first), ping(OPTIONAL), ping(OTHER), contract=CONTRACT.replace("BACKWARD", level))
    for number in (2, 3):
        (directory / "examples" / f"v{number}").mkdir()
    release(load_tree(root))
    git(root, "init", "--quiet", "--initial-branch", "main")
    commit(root)
    return directory
