"""The drill on records that no one can read: ten kinds of poison among good events."""

from __future__ import annotations

import json
import logging
import os
from typing import Final

from confluent_kafka import Producer

from drills.account import Books
from drills.members import Member, new_name, running
from drills.row import Row
from drills.stage import Stage, register
from drills.traffic import Traffic
from hangarstack.broker.config import producer_config
from hangarstack.events import AIRCRAFT_VIEW, SEARCH_QUERY, AircraftView, ViewSource
from hangarstack.events.runtime.ids import new_event_id, now
from hangarstack.events.runtime.wire import frame

_UNKNOWN_ID: Final = 2_000_000_000


def poisoned(stage: Stage, *, events: int, every: int, per_second: float) -> Row:
    """One record of so many is poison, of ten kinds in turn.

    Args:
        stage: where.
        events: good ones that flow.
        every: a poison record for so many of them.
        per_second: good events a second.
    """
    kinds = _kinds(stage)
    books = Books(stage, "poison records", f"{events:,} events, one poison record of {len(kinds)} kinds each {every}")
    writer = Producer({**producer_config(stage.settings, "poison"), "logger": logging.getLogger(__name__)})
    due, taken = range(every // 2, events, every), [0]

    def told(error: object, _message: object) -> None:
        taken[0] += error is None

    def poison(number: int) -> None:
        if number in due:
            writer.produce(stage.topic, kinds[number // every % len(kinds)], key=str(number), on_delivery=told)
            writer.poll(0)

    name = new_name()
    with running(Member(stage, name), Member(stage, name)):
        with Traffic(stage, events=events, per_second=per_second, each=poison) as traffic:
            traffic.join()
            assert writer.flush(30) == 0, "not in 30 s: the poison is acknowledged"
            assert taken[0] == len(due) > 0, f"of {len(due)} poison records that were due the broker took {taken[0]}"
            books.settle([traffic], within_s=60)
        return books.close([traffic], poison=len(due))


def _kinds(stage: Stage) -> list[bytes | None]:
    """Return records that are no event of the topic; each is wrong in a way of its own."""
    view = AircraftView(
        event_id=new_event_id(), occurred_at=now(), aircraft_id="poison", session_id="poison", source=ViewSource.SEARCH
    )
    body = AIRCRAFT_VIEW.encode(view)
    url = stage.settings.registry_url
    own = register(url, f"{stage.topic}-value", AIRCRAFT_VIEW.schema_text)
    other = register(url, f"{stage.topic}-other", SEARCH_QUERY.schema_text)
    text = json.dumps({"aircraft_id": "poison"}).encode()
    huge = b"\xfe\xff\xff\xff\x0f"
    return [
        None,  # no value
        b"",
        b"\x00\x00\x00",  # the frame is cut
        b"\x01" + frame(own, body)[1:],  # another magic byte
        text,  # JSON
        frame(_UNKNOWN_ID, body),  # a schema that nobody has registered
        frame(other, body),  # the schema of another event
        frame(own, body[: len(body) // 2]),  # cut in the middle
        frame(own, body + b"\x00"),  # more than an event
        frame(own, huge + os.urandom(40)),  # a text of four gigabytes
    ]


__all__ = ["poisoned"]
