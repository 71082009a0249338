"""``python -m drills``: every drill at full size, one after the other, and the table of what came of them."""

from __future__ import annotations

import random
import shutil
import sys
import tempfile
import textwrap
import time
import traceback
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Final

import click
import pytest
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from drills.catalogue import DRILLS, Drill, Place
from drills.row import Failed, Row
from drills.table import as_markdown, as_table, write_into
from hangarstack.settings import Settings
from hangarstack.telemetry import logs

_PAGE: Final = Path(__file__).parents[1] / "docs" / "drills.md"
_REASON: Final = 200
"""The most characters of a reason in the table; all of it is printed above."""


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(list(DRILLS)), metavar="[NAME]...")
@click.option("--seed", type=int, default=lambda: random.randrange(10_000), help="Repeats the random choices of a run.")
@click.option("--write", is_flag=True, help="Write the table into docs/drills.md; only of a run of all.")
def main(names: tuple[str, ...], seed: int, write: bool) -> None:
    """Run the fire drills at full size: all, or those that are named.

    Exit code 1 when an event was lost or counted twice, when a figure missed its bar, or when a drill could not end;
    the table then says so.
    """
    page = page_of(names, write=write)
    left = Path(tempfile.mkdtemp(prefix="hangarstack-drill-"))
    with (left / "drill.log").open("w") as log:
        # What librdkafka says of a broker that was killed on purpose is no news.
        logs.configure(Settings(home=left), "drill", stream=log)
        passed = play({name: DRILLS[name] for name in names or DRILLS}, left, seed, page)
    if not passed:
        click.echo(f"Logs and stores of what went wrong are kept in {left}; seed {seed}.")
        sys.exit(1)
    shutil.rmtree(left)


def page_of(names: Sequence[str], *, write: bool) -> Path | None:
    """Return the page into which the table is written, if it is; refuses to write that of some drills alone."""
    if names and write:
        raise click.UsageError("--write replaces the table of all drills: run all of them, or leave it out")
    return _PAGE if write else None


def play(drills: Mapping[str, Drill], left: Path, seed: int, page: Path | None) -> bool:
    """Run drills one after the other, print the table, and return whether all passed.

    Args:
        drills: by name.
        left: where what is left of those that failed stays.
        seed: of their random choices.
        page: has the table written into it, however the drills went; None: none.
    """
    console = Console(highlight=False)
    rows: list[Row | Failed] = []
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), TextColumn("{task.fields[doing]}"))
    with Progress(*columns, console=console) as progress:
        for number, (name, drill) in enumerate(drills.items(), start=1):
            task = progress.add_task(f"{number}/{len(drills)} {name}", total=1.0, doing="starting")
            home = left / name
            home.mkdir()
            row = _run(name, drill, Place(home=home, seed=seed, tell=partial(_show, progress, task)), console)
            rows.append(row)
            progress.update(task, completed=1.0, doing="as it should be" if row.passed else "NOT AS IT SHOULD BE")
            if row.passed:
                shutil.rmtree(home)
    console.print(as_table(rows))
    if page:
        write_into(page, as_markdown(rows))
    return all(row.passed for row in rows)


def _run(name: str, drill: Drill, place: Place, console: Console) -> Row | Failed:
    """Run a drill and print what it found, or why it could not end."""
    began = time.monotonic()
    try:
        row = drill(place)
    # What tests skip is missing here: a drill that could not run, or not end, has failed. The others are still run.
    except (Exception, pytest.skip.Exception, pytest.fail.Exception) as error:  # noqa: BLE001 - none may keep the others from their turn
        console.print(f"{name}:\n{traceback.format_exc()}", markup=False)
        reason = textwrap.shorten(f"{type(error).__name__}: {error}", _REASON)
        return Failed(drill=name, reason=reason, seed=place.seed, seconds=time.monotonic() - began)
    for line in (*row.misfits, *map(str, row.figures)):
        console.print(f"{name}: {line}", markup=False)
    return row


def _show(progress: Progress, task: TaskID, doing: str, share: float) -> None:
    progress.update(task, completed=share, doing=doing)


if __name__ == "__main__":
    main(prog_name="python -m drills")
