"""``python -m drills``: every drill at full size, one after the other, and the table of what came of them."""

from __future__ import annotations

import random
import shutil
import sys
import tempfile
import traceback
from functools import partial
from pathlib import Path
from typing import Final

import click
import pytest
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from drills.catalogue import DRILLS, Place
from drills.row import Row
from drills.table import as_markdown, as_table, write_into
from hangarstack.settings import Settings
from hangarstack.telemetry import logs

_PAGE: Final = Path(__file__).parents[1] / "docs" / "drills.md"


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(list(DRILLS)), metavar="[NAME]...")
@click.option("--seed", type=int, default=lambda: random.randrange(10_000), help="Repeats the random choices of a run.")
@click.option("--write", is_flag=True, help="Write the table into docs/drills.md.")
def main(names: tuple[str, ...], seed: int, write: bool) -> None:
    """Run the fire drills at full size: all, or those that are named.

    Exit code 1 when an event was lost or counted twice, when a figure missed its bar, or when a drill could not end.
    """
    console = Console(highlight=False)
    rows: list[Row] = []
    left = Path(tempfile.mkdtemp(prefix="hangarstack-drill-"))
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), TextColumn("{task.fields[doing]}"))
    with Progress(*columns, console=console) as progress, (left / "drill.log").open("w") as log:
        # What librdkafka says of a broker that was killed on purpose is no news.
        logs.configure(Settings(home=left), "drill", stream=log)
        for number, name in enumerate(names or DRILLS, start=1):
            task = progress.add_task(f"{number}/{len(names or DRILLS)} {name}", total=1.0, doing="starting")
            home = left / name
            home.mkdir()
            row = _run(name, Place(home=home, seed=seed, tell=partial(_show, progress, task)), console)
            rows += [row] if row else []
            passed = row is not None and row.passed
            progress.update(task, completed=1.0, doing="as it should be" if passed else "NOT AS IT SHOULD BE")
            if passed:
                shutil.rmtree(home)
    console.print(as_table(rows))
    if write:
        write_into(_PAGE, as_markdown(rows))
    if len(rows) == len(names or DRILLS) and all(row.passed for row in rows):
        shutil.rmtree(left)
        return
    console.print(f"Logs and stores of what went wrong are kept in {left}; seed {seed}.", markup=False)
    sys.exit(1)


def _run(name: str, place: Place, console: Console) -> Row | None:
    """Run a drill and print what it found; None when it could not end."""
    try:
        row = DRILLS[name](place)
    # What tests skip is missing here: a drill that could not run, or not end, has failed. The others are still run.
    except (Exception, pytest.skip.Exception, pytest.fail.Exception):  # noqa: BLE001 - none may keep the others from their turn
        console.print(f"{name}:\n{traceback.format_exc()}", markup=False)
        return None
    for line in (*row.misfits, *map(str, row.figures)):
        console.print(f"{name}: {line}", markup=False)
    return row


def _show(progress: Progress, task: TaskID, doing: str, share: float) -> None:
    progress.update(task, completed=share, doing=doing)


if __name__ == "__main__":
    main(prog_name="python -m drills")
