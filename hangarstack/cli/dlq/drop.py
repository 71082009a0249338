"""``hangarstack dlq drop``."""

from __future__ import annotations

import json
from typing import Any

import click

from hangarstack.cli.dlq.desk import (
    actor,
    desk,
    dry_run_option,
    filters,
    format_option,
    letters_option,
    max_option,
    report_of,
    require_choice,
    say,
    selection,
)
from hangarstack.deadletters.desk import DROP
from hangarstack.deadletters.repairing import Order
from hangarstack.settings import Settings


@click.command(name="drop")
@filters
@letters_option
@max_option
@dry_run_option
@click.option("--yes", is_flag=True, help="Do it.")
@format_option
@click.pass_obj
def command(
    settings: Settings, /, letters: tuple[str, ...], most: int, dry_run: bool, yes: bool, output: str, **given: Any
) -> None:
    """Let letters be: they are not listed or replayed any more. Kafka keeps them until their retention ends."""
    if not (yes or dry_run):
        raise click.UsageError("say --yes to drop letters, or --dry-run to see which")
    chosen = selection(settings, letters, **given)
    require_choice(chosen)
    with desk(settings) as opened:
        report = opened.carry_out(DROP, Order(selection=chosen, actor=actor(), most=most, dry_run=dry_run))
    if output == "json":
        click.echo(json.dumps(report_of(report, dry_run=dry_run), indent=2))
    else:
        say(report, dry_run=dry_run)
