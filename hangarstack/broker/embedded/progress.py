"""How preparing the embedded Kafka tells how far it is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, TextColumn
from rich.progress import Progress as Bars


class Progress(Protocol):
    """Told about steps; may be called from several threads, one call at a time."""

    def __call__(self, step: str, done: int, total: int) -> None:
        """Note that ``done`` of ``total`` bytes of a step are there; a total of 0 means that nobody knows."""


def silent(step: str, done: int, total: int) -> None:
    """Tell nobody."""


@contextmanager
def shown(console: Console) -> Iterator[Progress]:
    """Show each step as a bar on the console while the block runs."""
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    with Bars(*columns, console=console, transient=True) as bars:
        tasks = {}

        def tell(step: str, done: int, total: int) -> None:
            if step not in tasks:
                tasks[step] = bars.add_task(step, total=total or None)
            bars.update(tasks[step], completed=done)

        yield tell
