"""Which branch of a repository holds what is released."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Final

_USUAL: Final = ("main", "master")
_REMOTE: Final = "refs/remotes/origin/"
_LOCAL: Final = "refs/heads/"
_TIMEOUT_S: Final = 10


def main_branches(top: Path) -> tuple[str, ...]:
    """Return the branch that the remote calls its own, else the current one, else the usual names; blocks for git.

    Args:
        top: of the checkout, or of what is none yet.
    """
    if (top / ".git").exists():
        for name, prefix in ((f"{_REMOTE}HEAD", _REMOTE), ("HEAD", _LOCAL)):
            found = _symbolic(top, name)
            if found.startswith(prefix):
                return (found.removeprefix(prefix),)
    return _USUAL


def _symbolic(top: Path, name: str) -> str:
    try:
        done = subprocess.run(
            ["git", "-C", str(top), "symbolic-ref", "--quiet", name],  # noqa: S607 - git is found on PATH by design
            capture_output=True,
            check=False,
            text=True,
            timeout=_TIMEOUT_S,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip()
