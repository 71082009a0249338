"""The books: waiting until everything is settled, then comparing what was accepted with where it is."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from typing import Final

from confluent_kafka import Consumer, KafkaException, TopicPartition
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from drills import flow
from drills.row import Figure, Row
from drills.stage import PARTITIONS, Stage
from drills.traffic import Published
from drills.waiting import wait_until
from hangarstack.analytics.buckets import Grain
from hangarstack.analytics.popularity import VIEWS
from hangarstack.broker.config import client_config
from hangarstack.broker.specs import dead_letter_topic
from hangarstack.consumers.runtime.tables import APPLIED_EVENTS, CONSUMER_OFFSETS, DEAD_LETTERS

_MOST_MISFITS: Final = 5


class Books:
    """Keeps the time of a drill and closes its books.

    Args:
        stage: the drill's.
        drill: its name.
        size: what is done, in words and numbers.
    """

    def __init__(self, stage: Stage, drill: str, size: str) -> None:
        self._stage = stage
        self._drill = drill
        self._size = size
        self._began = time.monotonic()

    def settle(self, traffic: Sequence[Published], *, within_s: float) -> None:
        """Wait until the spools are empty and each stored position is the end of its partition; fails when not."""
        self._stage.tell("settling", 1.0)
        wait_until(lambda: not any(each.spooled for each in traffic), "the spool is empty", within_s)
        until = time.monotonic() + within_s
        ends = self.ends()
        while (stored := positions(self._stage)) != ends:
            assert time.monotonic() < until, f"not settled in {within_s:g} s: at {stored}, the log ends at {ends}"
            time.sleep(0.1)

    def ends(self) -> dict[int, int]:
        """Return the end of each partition; blocks until the broker answers, at most half a minute."""
        reader = Consumer({**client_config(self._stage.settings), "group.id": "drill-books"})
        try:
            until = time.monotonic() + 30
            while True:
                try:
                    return {
                        number: reader.get_watermark_offsets(TopicPartition(self._stage.topic, number), timeout=5)[1]
                        for number in range(PARTITIONS)
                    }
                except KafkaException:
                    if time.monotonic() > until:
                        raise
                    time.sleep(0.2)
        finally:
            reader.close()

    def close(
        self,
        traffic: Sequence[Published],
        *,
        poison: int = 0,
        spooled: int = 0,
        refusing: bool = False,
        figures: Sequence[Figure] = (),
    ) -> Row:
        """Compare what was accepted with what was to be published, and with where it is, aircraft by aircraft.

        Args:
            traffic: what was published.
            poison: records that no one can read.
            spooled: events that still wait.
            refusing: whether the drill makes the producer refuse events.
            figures: what was measured.
        """
        accepted: Counter[str] = sum((each.accepted for each in traffic), Counter())
        counted = views(self._stage)
        applied, lettered = _totals(self._stage)
        letters = Counter(dead_letters(self._stage))
        misfits = [
            f"{aircraft}: {accepted[aircraft]} accepted, {counted[aircraft]} counted"
            for aircraft in sorted(accepted.keys() | counted.keys())
            if accepted[aircraft] != counted[aircraft] and not spooled
        ][:_MOST_MISFITS]
        misfits += flow.misfits(traffic, refusing=refusing)
        if applied != counted.total():
            misfits.append(f"{applied} applied, {counted.total()} counted")
        if not len(letters) == lettered == poison:
            misfits.append(f"{poison} poison records, {lettered} counted as dead, {len(letters)} in the letters")
        return Row(
            drill=self._drill,
            size=self._size,
            seed=self._stage.seed,
            accepted=accepted.total() + poison,
            counted=counted.total(),
            dead=len(letters),
            spooled=spooled,
            misfits=tuple(misfits),
            seconds=time.monotonic() - self._began,
            figures=(*figures, *flow.shares(traffic), *_written_twice(letters)),
        )


def positions(stage: Stage) -> dict[int, int]:
    """Return the stored position of each partition, 0 where there is none; none at all while the database is away."""
    try:
        with stage.engine.connect() as connection:
            query = select(CONSUMER_OFFSETS.c.partition, CONSUMER_OFFSETS.c.next_offset)
            return dict.fromkeys(range(PARTITIONS), 0) | dict(connection.execute(query).all())
    except DBAPIError:
        return {}


def views(stage: Stage) -> Counter[str]:
    """Return the views of each aircraft, as the read model has them."""
    query = select(VIEWS.c.aircraft_id, func.sum(VIEWS.c.views)).where(VIEWS.c.grain == Grain.DAY)
    with stage.engine.connect() as connection:
        rows = connection.execute(query.group_by(VIEWS.c.aircraft_id)).all()
    return Counter({aircraft: int(total) for aircraft, total in rows})


def dead_letters(stage: Stage) -> list[tuple[object, object]]:
    """Return partition and offset of the record that each dead letter is of."""
    topic = dead_letter_topic(stage.topic)
    reader = Consumer({**client_config(stage.settings), "group.id": "drill-books", "isolation.level": "read_committed"})
    found: list[tuple[object, object]] = []
    try:
        end = reader.get_watermark_offsets(TopicPartition(topic, 0), timeout=10)[1]
        reader.assign([TopicPartition(topic, 0, 0)])
        until = time.monotonic() + 30
        while end:
            assert time.monotonic() < until, f"not in 30 s: the dead letters are read to their end, {end}"
            for message in reader.consume(1000, 0.2):
                headers = dict(message.headers() or [])
                found.append((headers["dlq_partition"], headers["dlq_offset"]))
                end = 0 if message.offset() == end - 1 else end
    finally:
        reader.close()
    return found


def _written_twice(letters: Counter[tuple[object, object]]) -> list[Figure]:
    """Return how many letters are there once more than they should be; nothing when there is no letter.

    Only a kill between a letter and its transaction may write one twice, and no drill with poison kills anybody.
    """
    twice = letters.total() - len(letters)
    return [Figure(name="written twice", value=twice, unit="letters", bar=0)] if letters else []


def _totals(stage: Stage) -> tuple[int, int]:
    with stage.engine.connect() as connection:
        applied = sum(connection.execute(select(APPLIED_EVENTS.c.total)).scalars())
        return applied, sum(connection.execute(select(DEAD_LETTERS.c.total)).scalars())


__all__ = ["Books", "dead_letters", "positions", "views"]
