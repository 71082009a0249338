from __future__ import annotations

import time

from sqlalchemy import Engine

from hangarstack.settings import Settings
from tests.support.consumer_runs import Feed, Running, group_name, read_all, wait_until
from tests.support.consumers import POISON, CountingService, Thing, ThingDecoder, counts, handled, totals

LONG_S = 2.1
"""Longer than a turn of the loop searches."""


def test_one_record_that_is_slow_to_fail_ends_as_one_letter_and_its_neighbours_are_counted(
    settings: Settings, topic: str, engine: Engine, feed: Feed
) -> None:
    service = CountingService(topic, name=group_name())
    service.during = lambda: time.sleep(LONG_S) if POISON in service.batches[-1] else None
    values = [Thing(name=POISON), *(Thing(name="good") for _ in range(40))]
    feed.send(topic, *(value.encode() for value in values), partition=0)
    with Running(settings, service, ThingDecoder(), engine) as running:
        wait_until(lambda: handled(engine) == 41, "counted", 60)
        assert running.metric("rebalances_total", kind="lost") == 0
    assert counts(engine) == {"good": 40}
    assert totals(engine) == (40, 1)
    (letter,) = read_all(settings, f"{topic}.dlq", 1, 1)
    assert dict(letter.headers())["dlq_offset"] == b"0"
