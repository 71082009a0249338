"""``hangarstack analytics``."""

from __future__ import annotations

import json
import time
from dataclasses import asdict

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text

from hangarstack.cli.options import as_json_option
from hangarstack.consumers.runtime.rebuild import Rebuilt, rebuild
from hangarstack.consumers.services import SERVICES
from hangarstack.registry.ids import SchemaIds
from hangarstack.registry.serde import EventDecoder
from hangarstack.settings import Settings
from hangarstack.supervisor.stopping import stop_on_signals
from hangarstack.telemetry import logs


@click.group(name="analytics")
def command() -> None:
    """The read models of the consumer services."""


@command.command(name="rebuild", short_help="Make the read models of a service anew.")
@click.argument("name", type=click.Choice(list(SERVICES)), metavar="SERVICE")
@click.option("--partly", is_flag=True, help="Begin with what Kafka still holds when it is not everything.")
@as_json_option
@click.pass_obj
def rebuild_service(settings: Settings, name: str, partly: bool, as_json: bool) -> None:
    """Replay a service's topics into new read models, then swap them for the old ones while the service goes on.

    Until the swap pages show the old numbers. Stopped or killed, it leaves them as they were; run it again to begin
    anew. Exit code 1 when Kafka no longer holds all that was counted: what is gone is named.

    SERVICE: popularity, journeys, search-insights, catalogue-changes or system-health.
    """
    # Before anything starts a thread.
    stop = stop_on_signals(settings.drain_s, unfinished=1)
    logs.configure(settings, f"rebuild-{name}")
    service = SERVICES[name]()
    schemas = SchemaIds(settings)
    schemas.check()
    decoder = EventDecoder(service.codecs, schemas)
    console = Console(highlight=False, stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        _Rate(),
        TimeRemainingColumn(),
    )
    began = time.monotonic()
    with Progress(*columns, console=console) as bar:
        task = bar.add_task(f"Replaying {name}", total=None)
        done = rebuild(
            settings,
            service,
            decoder,
            stop,
            partly=partly,
            show=lambda read, total: bar.update(task, completed=read, total=total),
        )
    click.echo(json.dumps(asdict(done)) if as_json else _sentences(name, done, time.monotonic() - began))


class _Rate(ProgressColumn):
    """How many a second."""

    def render(self, task: Task) -> Text:
        """Return the rate of the last moments."""
        return Text(f"{task.finished_speed or task.speed or 0:,.0f}/s")


def _sentences(name: str, done: Rebuilt, took_s: float) -> str:
    rate = done.records / took_s if took_s else 0
    lines = [f"{name} is rebuilt from {done.records:,} records in {took_s:.1f} s ({rate:,.0f}/s)."]
    if done.dead:
        lines.append(f"{done.dead:,} of them are dead letters, as before.")
    if done.missing:
        lines += ["It begins with what Kafka still holds. Missing are:", *(f"  {line}" for line in done.missing)]
    return "\n".join(lines)
