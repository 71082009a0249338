"""Text of others, and paths, as they are shown in a terminal."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from rich.console import Console
from rich.markup import escape
from rich.table import Column

from hangarstack.contracts.plaintext import plain
from hangarstack.contracts.report.model import relative

_ENDLESS: Final = 10_000


def shown(text: str) -> str:
    """Return a text that is neither markup nor control characters, whatever it says."""
    return escape(plain(text))


def wide_console() -> Console:
    """Return what prints a table: as wide as the terminal, and without an end where a program or a file reads it."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=_ENDLESS)


def columns(*names: str) -> list[Column]:
    """Return the columns of a table that break what is too long rather than cut it off."""
    return [Column(name, overflow="fold") for name in names]


def from_here(path: Path) -> str:
    """Return a path as one would type it from the working directory, without control characters."""
    return plain(relative(path, Path.cwd()))
