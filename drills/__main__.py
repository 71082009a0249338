"""``python -m drills``: every drill at full size, one after the other, and the table of what came of them."""

from __future__ import annotations

import random
import sys
import tempfile
import traceback
from pathlib import Path
from typing import Any, Final

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

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
    failed: list[str] = []
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), TextColumn("{task.fields[doing]}"))
    with Progress(*columns, console=console) as progress, tempfile.TemporaryDirectory(prefix="hangarstack-drill-") as d:
        logs.configure(Settings(home=Path(d), log_level="error"), "drill")
        for number, name in enumerate(names or DRILLS, start=1):
            task = progress.add_task(f"{number}/{len(names or DRILLS)} {name}", total=1.0, doing="starting")

            def tell(doing: str, share: float, task: Any = task) -> None:
                progress.update(task, completed=share, doing=doing)

            home = Path(d) / name
            home.mkdir()
            try:
                row = DRILLS[name](Place(home=home, seed=seed, tell=tell))
            except Exception:  # noqa: BLE001 - a drill that cannot end fails, and the others are still run
                failed.append(name)
                console.print(traceback.format_exc(), markup=False)
                progress.update(task, doing="FAILED")
            else:
                rows.append(row)
                progress.update(task, completed=1.0, doing="as it should be" if row.passed else "NOT AS IT SHOULD BE")
                for line in (*row.misfits, *map(str, row.figures)):
                    console.print(f"{name}: {line}", markup=False)
    console.print(as_table(rows))
    if write:
        write_into(_PAGE, as_markdown(rows))
    sys.exit(0 if not failed and all(row.passed for row in rows) else 1)


if __name__ == "__main__":
    main(prog_name="python -m drills")
