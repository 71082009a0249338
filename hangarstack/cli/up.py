"""``hangarstack up``."""

from __future__ import annotations

from dataclasses import replace

import click
from rich.console import Console

from hangarstack.settings import Settings
from hangarstack.supervisor.up import up


@click.command(name="up")
@click.option(
    "--broker",
    type=click.Choice(["kafka", "memory"]),
    help="memory: events live only as long as `up` runs. HANGARSTACK_BROKER unless given, and that is kafka.",
)
@click.option("--bare", is_flag=True, help="Broker and registry alone, for services of your own.")
@click.pass_obj
def command(settings: Settings, broker: str | None, bare: bool) -> None:
    """Run the whole platform: broker, registry, web, relay and five services, until Ctrl-C.

    The contracts are registered and their topics made first, with --bare too.
    """
    chosen = replace(settings, broker=broker or settings.broker)
    up(chosen, bare=bare, console=Console(highlight=False))
