"""``hangarstack consume``."""

from __future__ import annotations

import click

from hangarstack.cli.logged import logged
from hangarstack.consumers.runtime.process import consume
from hangarstack.consumers.services import SERVICES
from hangarstack.producers.health import reporting
from hangarstack.settings import Settings
from hangarstack.supervisor.stopping import stop_on_signals
from hangarstack.telemetry.tracing import exported


@click.command(name="consume")
@click.argument("name", type=click.Choice(list(SERVICES)), metavar="NAME")
@click.pass_obj
def command(settings: Settings, name: str) -> None:
    """Run one consumer service until SIGTERM or Ctrl-C; run it several times to share its partitions.

    NAME: popularity, journeys, search-insights, catalogue-changes or system-health.
    """
    # Before anything starts a thread.
    stop = stop_on_signals(settings.drain_s)
    with logged(settings, name), exported(name, stop.left_s), reporting(settings, name):
        consume(settings, SERVICES[name](), stop)
