"""``hangarstack dlq show``."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import click

from hangarstack.cli.dlq.desk import desk, format_option, times
from hangarstack.deadletters.desk import Shown
from hangarstack.deadletters.headers import ERROR_STACK
from hangarstack.deadletters.letter import letter_id, readable
from hangarstack.settings import Settings


@click.command(name="show")
@click.argument("place")
@format_option
@click.pass_obj
def command(settings: Settings, place: str, output: str) -> None:
    """Show one letter: the decoded record beside the error, its headers, its writer's and the current schema.

    PLACE is TOPIC/PARTITION/OFFSET, as `hangarstack dlq list` prints it. A record holds what visitors did: mind who
    reads over your shoulder.
    """
    with desk(settings) as opened:
        shown = opened.show(letter_id(place))
    click.echo(json.dumps(_as_json(shown), indent=2) if output == "json" else "\n".join(_lines(shown)))


def _lines(shown: Shown) -> list[str]:
    letter, said = shown.listed.letter, shown.explanation
    written = datetime.fromtimestamp(letter.timestamp_ms / 1000, UTC).isoformat()
    key = readable(letter.key)
    lines = [
        f"{letter.id}: from {letter.source}, key {key!r}, could not be handled by {letter.service or '?'}",
        f"Written {written}; {shown.listed.fate or 'waits'}; replayed {times(letter.replays)} before.",
        f"Error: {letter.error_class}: {letter.message}",
        *(f"    {line}" for line in letter.text(ERROR_STACK).splitlines()),
        "Headers:",
        *(f"    {name}: {readable(value)}" for name, value in letter.headers if name != ERROR_STACK),
    ]
    if said.decoded:
        lines += ["Record:", *_indented(said.decoded)]
    else:
        lines += [f"Record: {said.undecodable}", *_indented(said.hexdump)]
    which = "none: no Confluent frame" if letter.schema_id is None else f"id {letter.schema_id}"
    lines += [f"Writer's schema, {which}:", *_indented(said.writer or "not known")]
    if said.current:
        which = "the same" if said.current == said.writer else f"version {said.current_version}"
        lines += [f"Current schema, id {said.current_id}, {which}:"]
        lines += [] if said.current == said.writer else _indented(said.current)
    else:
        lines += [f"Current schema: {said.registry}"]
    return lines


def _as_json(shown: Shown) -> dict[str, Any]:
    letter = shown.listed.letter
    return {
        "letter": str(letter.id),
        "from": letter.source,
        "key": readable(letter.key),
        "service": letter.service,
        "error_class": letter.error_class,
        "message": letter.message,
        "headers": [[name, readable(value)] for name, value in letter.headers],
        "fate": shown.listed.fate,
        **asdict(shown.explanation),
    }


def _indented(text: str) -> list[str]:
    return [f"    {line}" for line in text.splitlines()]
