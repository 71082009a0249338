"""Text of others, and paths, as they are shown in a terminal."""

from __future__ import annotations

from pathlib import Path

from rich.markup import escape

from hangarstack.contracts.plaintext import plain
from hangarstack.contracts.report.model import relative


def shown(text: str) -> str:
    """Return a text that is neither markup nor control characters, whatever it says."""
    return escape(plain(text))


def from_here(path: Path) -> str:
    """Return a path as one would type it from the working directory, without control characters."""
    return plain(relative(path, Path.cwd()))
