"""``hangarstack up``."""

from __future__ import annotations

import click
from rich.console import Console

from hangarstack.settings import Settings
from hangarstack.supervisor.up import up


@click.command(name="up")
@click.option(
    "--broker",
    type=click.Choice(["kafka", "memory"]),
    default="kafka",
    show_default=True,
    help="memory: events live only as long as `up` runs.",
)
@click.pass_obj
def command(settings: Settings, broker: str) -> None:
    """Run the whole platform: broker, registry, web, relay and five services, until Ctrl-C."""
    up(settings, memory=broker == "memory", console=Console(highlight=False))
