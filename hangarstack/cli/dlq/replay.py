"""``hangarstack dlq replay``."""

from __future__ import annotations

import json
from typing import Any

import click

from hangarstack.cli.dlq.desk import (
    actor,
    desk,
    dry_run_option,
    fail_if_some_failed,
    filters,
    format_option,
    letters_option,
    max_option,
    report_of,
    say,
    selection,
)
from hangarstack.deadletters.desk import REPLAY
from hangarstack.deadletters.repairing import Order
from hangarstack.settings import Settings


@click.command(name="replay")
@filters
@letters_option
@max_option
@dry_run_option
@format_option
@click.pass_obj
def command(
    settings: Settings, /, letters: tuple[str, ...], most: int, dry_run: bool, output: str, **given: Any
) -> None:
    """Publish letters again, byte for byte, to the topics they came from, for the service that could not handle them.

    What was replayed HANGARSTACK_DEAD_LETTER_REPLAYS times and failed again goes to <topic>.dlq.quarantine instead.
    Killed in the middle, run it again: events that were published already are known by their ids.
    """
    order = Order(selection=selection(settings, letters, **given), actor=actor(), most=most, dry_run=dry_run)
    with desk(settings) as opened:
        report = opened.carry_out(REPLAY, order)
    if output == "json":
        click.echo(json.dumps(report_of(report, dry_run=dry_run), indent=2))
    else:
        say(report, dry_run=dry_run)
    fail_if_some_failed(report)
