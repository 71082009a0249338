"""``hangarstack web``."""

from __future__ import annotations

from functools import partial

import click

from hangarstack.cli.contracts.pages import contract_pages
from hangarstack.cli.logged import logged
from hangarstack.settings import Settings
from hangarstack.supervisor.stopping import stop_on_signals
from hangarstack.telemetry.tracing import exported
from hangarstack.web.run import run


@click.command(name="web")
@click.pass_obj
def command(settings: Settings) -> None:
    """Run the web app alone: pages, API and live stream until SIGTERM or Ctrl-C.

    HANGARSTACK_HTTP_HOST and HANGARSTACK_HTTP_PORT say where, unless given http://127.0.0.1:8080."""
    # Before anything starts a thread.
    stop = stop_on_signals(settings.drain_s)
    with logged(settings, "web"), exported("web", stop.left_s):
        run(settings, stop, contracts=partial(contract_pages, settings.root), announce=click.echo)
