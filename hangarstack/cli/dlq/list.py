"""``hangarstack dlq list``."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import click

from hangarstack.cli.dlq.desk import desk, filters, format_option, selection, times
from hangarstack.contracts.plaintext import plain
from hangarstack.deadletters.browsing import Listed, Listing
from hangarstack.settings import Settings
from hangarstack.supervisor.parts import SERVICES

_LONG_ENOUGH_S = 3600.0
_SHORT = 160


@click.command(name="list")
@filters
@click.option("--all", "handled", is_flag=True, help="Also those that were replayed, quarantined or dropped.")
@click.option("--limit", type=click.IntRange(1, 100_000), default=50, show_default=True, help="Most letters to list.")
@format_option
@click.pass_obj
def command(settings: Settings, /, handled: bool, limit: int, output: str, **given: Any) -> None:
    """List the letters that wait, oldest first; moves no consumer's position."""
    chosen = selection(settings, **given)
    with desk(settings) as opened:
        found = opened.browse(chosen, limit=limit, handled=handled, within_s=_LONG_ENOUGH_S)
    if output == "json":
        click.echo(json.dumps(_as_json(found), indent=2))
        return
    for listed in found.letters:
        click.echo(_line(listed))
    if found.more:
        click.echo(f"… more match: raise --limit (now {limit})")
    total = sum(found.waiting.values())
    places = [f"{count} in {topic}" for topic, count in found.waiting.items() if count]
    click.echo(f"{total} {'waits' if total == 1 else 'wait'}: {', '.join(places)}." if total else "No letter waits.")
    if chosen.service and chosen.service not in SERVICES and not found.letters:
        # No error: letters of a service that was renamed keep the name it had.
        click.echo(f"No service is called {plain(chosen.service)}; there are {', '.join(SERVICES)}.", err=True)


def _line(listed: Listed) -> str:
    letter = listed.letter
    written = datetime.fromtimestamp(letter.timestamp_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%SZ")
    message = " ".join(letter.message.split())[:_SHORT]
    marks = [f"replayed {times(letter.replays)}"] if letter.replays else []
    marks += [listed.fate] if listed.fate else []
    said = f"{letter.error_class}: {message}" if message else letter.error_class or "no reason given"
    return f"{letter.id}  {written}  {letter.service or '?'}  {said}{''.join(f' [{mark}]' for mark in marks)}"


def _as_json(found: Listing) -> dict[str, Any]:
    return {
        "letters": [
            {
                "letter": str(listed.letter.id),
                "from": listed.letter.source,
                "written": datetime.fromtimestamp(listed.letter.timestamp_ms / 1000, UTC).isoformat(),
                "service": listed.letter.service,
                "error_class": listed.letter.error_class,
                "message": listed.letter.message,
                "schema_id": listed.letter.schema_id,
                "replays": listed.letter.replays,
                "fate": listed.fate,
            }
            for listed in found.letters
        ],
        "more": found.more,
        "waiting": found.waiting,
    }
