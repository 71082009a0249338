"""The drill on clocks that are set while events flow."""

from __future__ import annotations

import random
import time
from collections import defaultdict
from typing import Final

from confluent_kafka import Consumer, TopicPartition

from drills.account import Books
from drills.members import Member, new_name, running
from drills.publisher import Publisher
from drills.row import Figure, Row
from drills.shifted import Clock, compiled
from drills.stage import Stage
from drills.waiting import wait_until
from hangarstack.broker.config import client_config

_FURTHEST_S: Final = 3 * 3600
"""Well within the window in which an event is recognised."""
_REFUSED_S: Final = 1.5 * 3600
"""So far ahead of its own clock a broker takes no record."""

_PATIENCE_S: Final = 30.0


def stepped(stage: Stage, *, events: int, steps: int, pause_s: float) -> Row:
    """The clocks of producer and consumers are set forward and back, each for itself.

    The producer's goes so far ahead that the broker refuses what it sends, then behind: what waits must still come
    before what is accepted later.

    Args:
        stage: where.
        events: how many flow, for as long as there are steps.
        steps: how often a clock is set.
        pause_s: seconds between two steps.
    """
    library = compiled(stage.settings.home)
    how = "of whole processes" if library else "of Python alone, for want of a C compiler"
    books = Books(stage, "clocks set forward and back", f"{steps} steps of up to 3 h, {how}, {events:,} events")
    choose = random.Random(stage.seed)
    clocks = [Clock(stage.settings.home / f"clock-{number}", library) for number in range(3)]
    producer = clocks[2]
    name = new_name()
    with running(*(Member(stage, name, clock=clock) for clock in clocks[:2])):
        traffic = Publisher(stage, events=events, per_second=events / (steps * pause_s), clock=producer)
        # A process may take longer to start than the clocks are set for.
        wait_until(lambda: any(books.ends().values()), "events flow", _PATIENCE_S)
        for step in range(steps):
            stage.tell("setting clocks", step / steps)
            time.sleep(pause_s)
            if step % 3 < 2:
                clocks[step % 3].set(choose.uniform(-_FURTHEST_S, _FURTHEST_S))
            else:
                ahead = step % 2 == 0
                producer.set(choose.uniform(_REFUSED_S, _FURTHEST_S) if ahead else -choose.uniform(0, _FURTHEST_S))
        producer.set(0)
        traffic.join()
        books.settle([traffic], within_s=60)
    refused = Figure(
        name="refused for their time",
        value=traffic.refusals["INVALID_TIMESTAMP"] + traffic.refusals["INVALID_RECORD"],
        unit="records",
        bar=1 if library else None,
        at_least=True,
    )
    disorder = Figure(name="out of order", value=_disorder(stage, books.ends()), unit="events", bar=0)
    return books.close([traffic], figures=[refused, disorder])


def _disorder(stage: Stage, ends: dict[int, int]) -> int:
    """Return how many events came behind a later one of their key; ids sort in the order of publishing."""
    reader = Consumer({**client_config(stage.settings), "group.id": "drill-clocks"})
    seen: set[bytes] = set()
    latest: defaultdict[bytes, bytes] = defaultdict(bytes)
    late = 0
    try:
        for partition, end in ends.items():
            reader.assign([TopicPartition(stage.topic, partition, 0)])
            position, until = 0, time.monotonic() + _PATIENCE_S
            while position < end:
                assert time.monotonic() < until, f"partition {partition} was read up to {position} of {end}"
                for message in reader.consume(5000, 0.2):
                    position = (message.offset() or 0) + 1
                    event_id, key = dict(message.headers() or [])["ce_id"], message.key() or b""
                    assert isinstance(event_id, bytes)
                    late += event_id not in seen and event_id < latest[key]
                    seen.add(event_id)
                    latest[key] = max(latest[key], event_id)
    finally:
        reader.close()
    return late


__all__ = ["stepped"]
