"""``hangarstack dlq audit``."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime

import click

from hangarstack.cli.dlq.desk import desk, format_option
from hangarstack.contracts.plaintext import plain
from hangarstack.deadletters.ledger import Fate, Repair
from hangarstack.deadletters.selection import in_words
from hangarstack.settings import Settings


@click.command(name="audit")
@click.option("--limit", type=click.IntRange(1, 100_000), default=50, show_default=True, help="Most lines to print.")
@format_option
@click.pass_obj
def command(settings: Settings, limit: int, output: str) -> None:
    """Say who replayed and dropped what, latest first, dry runs included."""
    with desk(settings) as opened:
        found = opened.repairs(limit)
    if output == "json":
        click.echo(json.dumps([asdict(repair) for repair in found], indent=2))
        return
    for repair in found:
        click.echo(_line(repair))
    if not found:
        click.echo("Nobody has replayed or dropped anything.")


def _line(repair: Repair) -> str:
    begun = datetime.fromtimestamp(repair.begun, UTC).strftime("%Y-%m-%d %H:%M:%SZ")
    done = [f"{repair.fates[fate]} {fate}" for fate in Fate if repair.fates[fate]] or ["nothing"]
    done += [f"{repair.failed} failed"] if repair.failed else []
    state = "" if repair.ended is not None else " (unfinished: running or killed)"
    error = f" ({repair.error})" if repair.error else ""
    kind = f"{repair.kind}, dry run" if repair.dry_run else repair.kind
    who = f"{repair.actor.name} by {repair.actor.via}"
    return f"{repair.id}  {begun}  {who}  {kind}: {', '.join(done)}{state}{error}  {plain(in_words(repair.selection))}"
