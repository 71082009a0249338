"""``hangarstack simulate``."""

from __future__ import annotations

import json
import math

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from hangarstack.errors import CheckFailedError
from hangarstack.settings import Settings
from hangarstack.simulate.run import Report, simulate
from hangarstack.simulate.summary import Tally
from hangarstack.simulate.traffic import Load


def _checked(_ctx: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    if value is not None and not value.startswith(("http://", "https://")):
        raise click.BadParameter("an address begins with http:// or https://")
    return value


def _finite(_ctx: click.Context, _parameter: click.Parameter, value: float) -> float:
    if not math.isfinite(value):
        raise click.BadParameter("must be a number")
    return value


@click.command(name="simulate")
@click.option("--visitors", type=click.IntRange(1, 500), default=25, show_default=True, help="Visitors side by side.")
@click.option(
    "--rate",
    callback=_finite,
    type=click.FloatRange(0.1, 5000),
    default=20.0,
    show_default=True,
    help="Steps a second, in all.",
)
@click.option(
    "--duration", callback=_finite, type=click.FloatRange(0.1, 86_400), default=30.0, show_default=True, help="Seconds."
)
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed does the same steps.")
@click.option("--url", callback=_checked, help="Address of the web app; by default the one that the settings give.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def command(
    settings: Settings, visitors: int, rate: float, duration: float, seed: int, url: str | None, as_json: bool
) -> None:
    """Drive a running web app as believable visitors, then compare what it accepted with what was counted.

    Visitors choose aircraft by a Zipf law, search with typing slips, compare, and now and then edit a range by ten
    kilometres: run it on a catalogue that may change. Exit code 1 when the views counted are not the views accepted,
    which is also so when somebody else visits meanwhile.
    """
    load = Load(visitors=visitors, rate=rate, duration_s=duration, seed=seed)
    console = Console(highlight=False, stderr=as_json)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("Visiting", total=load.steps)

        def show(tally: Tally) -> None:
            bar.update(task, completed=min(load.steps, sum(tally.requests.values())))

        report = simulate(url or settings.address, load, show)
    if as_json:
        click.echo(json.dumps(report.as_json(), indent=2))
    else:
        console.print(_requests(report))
        console.print(_told(report))
        console.print(_latencies(report))
    if not report.exact:
        raise CheckFailedError(
            f"{report.tally.accepted['AircraftView']} views were accepted, {report.counted['AircraftView']} counted",
            where=url or settings.address,
            remedy="Was somebody else visiting? Otherwise see `hangarstack doctor` and the services' logs",
        )


def _requests(report: Report) -> Table:
    table = Table(title=f"{report.load.steps} steps of {report.load.visitors} visitors in {report.seconds:.1f} s")
    table.add_column("event")
    table.add_column("accepted", justify="right")
    table.add_column("counted", justify="right")
    for event, counted in report.counted.items():
        table.add_row(event, str(report.tally.accepted[event]), str(counted))
    return table


def _told(report: Report) -> str:
    refused = sum(count for status, count in report.tally.statuses.items() if status >= 400)
    return (
        f"{sum(report.tally.requests.values())} requests, {report.tally.retries} tried again, {refused} refused, "
        f"{report.tally.unanswered} unanswered, {report.dead_letters} dead letters"
    )


def _latencies(report: Report) -> Table:
    table = Table(title="Latency in milliseconds")
    for heading in ("", "p50", "p95", "p99"):
        table.add_column(heading, justify="right" if heading else "left")
    table.add_row("page", *(f"{report.page_ms(share):.1f}" for share in (0.5, 0.95, 0.99)))
    for service in report.latencies:
        found = [report.latency_ms(service, share) for share in (0.5, 0.95, 0.99)]
        table.add_row(f"event to read model: {service}", *("-" if v is None else f"{v:.1f}" for v in found))
    return table
