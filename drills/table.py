"""The table of drills: on the screen, and in docs/drills.md."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from drills.row import Failed, Row

_BEGIN: Final = "<!-- drills: begin -->"
_END: Final = "<!-- drills: end -->"
_NUMBERS: Final = ("accepted", "counted", "dead letters", "spooled")
_NARROW: Final = ("accepted", "counted", "dead", "spooled")


def as_table(rows: Sequence[Row | Failed]) -> Table:
    """Return the table for a screen; on one of 80 columns every figure is whole."""
    table = Table(box=SIMPLE_HEAD, padding=(0, 1), pad_edge=False, leading=1)
    table.add_column("drill", overflow="fold")
    for name in (*_NARROW, "exact", "s"):
        table.add_column(name, no_wrap=True, justify="right")
    for row in rows:
        drill, size, *cells = _cells(row)
        table.add_row(Text("\n".join([drill, size, *_told(row)])), *cells)
    return table


def as_markdown(rows: Sequence[Row | Failed]) -> str:
    """Return the table for a page, with when and where the drills were run."""
    head = ["drill", "what", *_NUMBERS, "exact", "s", "measured"]
    lines = [head, ["---", "---", *["---:"] * len(_NUMBERS), "---", "---:", "---"]]
    # What others said of a failure may hold what ends a cell.
    lines += [[cell.replace("|", "\\|") for cell in (*_cells(row), "; ".join(_told(row)))] for row in rows]
    seeds = ", ".join(sorted({str(row.seed) for row in rows}))
    said = (
        f"Run on {datetime.now(UTC):%Y-%m-%d} on {os.cpu_count()} processors, Python {platform.python_version()};"
        f" seed {seeds}."
    )
    return "\n".join([said, "", *(f"| {' | '.join(line)} |" for line in lines)])


def write_into(page: Path, text: str) -> None:
    """Put a text between the marks of a page, in place of the one that is there."""
    before, _, rest = page.read_text(encoding="utf-8").partition(_BEGIN)
    _, _, after = rest.partition(_END)
    page.write_text(f"{before}{_BEGIN}\n{text}\n{_END}{after}", encoding="utf-8")


def _cells(row: Row | Failed) -> list[str]:
    if isinstance(row, Failed):
        return [row.drill, f"FAILED: {row.reason}", *[""] * len(_NUMBERS), "NO", f"{row.seconds:.0f}"]
    numbers = [f"{number:,}" for number in (row.accepted, row.counted, row.dead, row.spooled)]
    return [row.drill, row.size, *numbers, "yes" if row.exact else "NO", f"{row.seconds:.0f}"]


def _told(row: Row | Failed) -> list[str]:
    """Return what does not add up, and what was measured."""
    return [] if isinstance(row, Failed) else [*row.misfits, *map(str, row.figures)]


__all__ = ["as_markdown", "as_table", "write_into"]
