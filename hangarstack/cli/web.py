"""``hangarstack web``."""

from __future__ import annotations

import click

from hangarstack.settings import Settings
from hangarstack.web.run import run


@click.command(name="web")
@click.pass_obj
def command(settings: Settings) -> None:
    """Run the web app alone: pages, API and live stream on HTTP_HOST:HTTP_PORT, until SIGTERM or Ctrl-C."""
    run(settings, announce=click.echo)
