"""``hangarstack prepare``."""

from __future__ import annotations

import click

from hangarstack.settings import Settings
from hangarstack.supervisor.prepare import STEPS, prepare


@click.command(name="prepare")
@click.argument("steps", nargs=-1, type=click.Choice(list(STEPS)))
@click.pass_obj
def command(settings: Settings, steps: tuple[str, ...]) -> None:
    """Bring stores, contracts and topics up to date, then end; idempotent. STEPS: all of them unless named."""
    names = steps or tuple(STEPS)
    prepare(settings, names)
    click.echo(f"Up to date: {', '.join(names)}.")
