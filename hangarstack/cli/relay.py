"""``hangarstack relay``: deliver the outbox."""

from __future__ import annotations

from contextlib import closing

import click

from hangarstack.cli.logged import logged
from hangarstack.producers.health import reporting
from hangarstack.producers.relay import Relay
from hangarstack.settings import Settings
from hangarstack.store.migrations import migrate
from hangarstack.supervisor.stopping import stop_on_signals
from hangarstack.telemetry.probes import ProbeServer
from hangarstack.telemetry.tracing import exported


@click.command(name="relay")
@click.pass_obj
def command(settings: Settings) -> None:
    """Deliver the events of the outbox until stopped; SIGTERM drains within HANGARSTACK_DRAIN_S seconds.

    Several relays may run: one delivers, the others take over when it ends, or six seconds after it was killed.
    """
    # Before anything starts a thread.
    stop = stop_on_signals(settings.drain_s)
    with logged(settings, "relay"), exported("relay", stop.left_s):
        migrate(settings, owners=("catalogue",))
        relay = Relay(settings)
        with reporting(settings, "relay"), closing(ProbeServer(settings, "relay", relay.status)):
            relay.run(stop)
