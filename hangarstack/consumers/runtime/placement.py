"""Where to read on: the stored offset, and what to do when the log does not have it."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy import Engine

from hangarstack.consumers.runtime import offsets, written
from hangarstack.consumers.runtime.metrics import ConsumerMetrics
from hangarstack.consumers.runtime.offsets import Move, OffsetKey
from hangarstack.consumers.runtime.ports import Clock, PartitionId, RecordSource
from hangarstack.errors import BrokerError

_log: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a partition goes on.

    Args:
        key: which log it is.
        offset: the first offset that was not handled.
        dead_in_row: dead letters since the partition's last good record.
        lettered: records from there on whose dead letters are written already: offset to time of the record.
        at_end: whether the log was asked and ends there.
    """

    key: OffsetKey
    offset: int
    dead_in_row: int
    lettered: Mapping[int, int]
    at_end: bool = False


class Placement:
    """Finds positions; the database is the truth, the log says what is still possible.

    Args:
        engine: the service's store.
        source: asked about the logs.
        window_s: the dedupe window: what lies within it may be read twice without being counted twice.
        clock: the time now.
        metrics: told of records that are gone.
    """

    def __init__(
        self, engine: Engine, source: RecordSource, window_s: int, clock: Clock, metrics: ConsumerMetrics
    ) -> None:
        self._engine = engine
        self._source = source
        self._window_s = window_s
        self._clock = clock
        self._metrics = metrics

    def find(
        self, partitions: Collection[PartitionId], suspect: Collection[PartitionId] = ()
    ) -> dict[PartitionId, Place]:
        """Return where each partition goes on; a partition that is read for the first time starts at its beginning.

        Args:
            partitions: which; blocks for one or two questions to the broker, and one for each that is new or suspect.
            suspect: those whose stored offset the log does not seem to have; its bounds are looked at.

        Raises:
            BrokerError: the broker does not answer, or does not know a topic (yet).
            DBAPIError: the database does not answer.
        """
        keys = self._keys(partitions)
        places = self._stored(keys)
        new = [partition for partition in partitions if partition not in places]
        if new:
            starts = [(keys[one], one[0], self._source.bounds(one)[0]) for one in new]
            with self._engine.begin() as tx:
                offsets.begin(tx, starts)
            # Read again: another member may have been there first.
            places = self._stored(keys)
        for partition in suspect:
            places[partition] = self._mended(partition, places[partition])
        return places

    def _keys(self, partitions: Collection[PartitionId]) -> dict[PartitionId, OffsetKey]:
        identity = self._source.identity({topic for topic, _ in partitions})
        return {
            (topic, number): OffsetKey(identity.cluster_id, identity.topic_ids[topic], number)
            for topic, number in partitions
        }

    def _stored(self, keys: Mapping[PartitionId, OffsetKey]) -> dict[PartitionId, Place]:
        with self._engine.connect() as connection:
            stored = offsets.read(connection, keys.values())
            lettered = written.ahead(connection, keys.values())
        return {
            partition: Place(
                key=key,
                offset=stored[key].next_offset,
                dead_in_row=stored[key].dead_in_row,
                lettered=lettered.get(key, {}),
            )
            for partition, key in keys.items()
            if key in stored
        }

    def moved(self, known: Mapping[PartitionId, tuple[OffsetKey, int]]) -> list[PartitionId]:
        """Return the partitions whose stored position is another one than is known; blocks for one query.

        Args:
            known: which logs they are, and where they were.

        Raises:
            DBAPIError: the database does not answer.
        """
        with self._engine.connect() as connection:
            stored = offsets.read(connection, [key for key, _ in known.values()])
        return [
            one for one, (key, position) in known.items() if key not in stored or stored[key].next_offset != position
        ]

    def made_anew(self, known: Mapping[PartitionId, OffsetKey]) -> list[PartitionId]:
        """Return the partitions whose topic is another one than it was; blocks for two questions to the broker.

        A running client would not notice: it goes on in the new topic where it was in the old one.

        Args:
            known: which logs they were.

        Raises:
            BrokerError: the broker does not answer, or does not know a topic (yet).
        """
        keys = self._keys(known.keys())
        return [one for one, key in known.items() if keys[one] != key]

    def explain_gap(self, partition: PartitionId, expected: int, came: int) -> None:
        """Say so loudly if offsets are missing because retention has deleted records before they were read.

        Compaction and transactions leave gaps too, which mean nothing.

        Args:
            partition: whose; blocks for one question to the broker if the client does not know where the log begins.
            expected: the offset that was to come.
            came: the one that came.
        """
        try:
            # A question would wait behind the client's own request for records, half a second for each batch.
            low = self._source.start(partition)
            low = self._source.bounds(partition)[0] if low is None else low
        except BrokerError as error:
            _log.warning("offsets %d to %d are missing, and why cannot be asked: %s", expected, came - 1, error)
            return
        if low > expected:
            self._tell_lost(partition, expected, min(low, came), came)

    def _tell_lost(self, partition: PartitionId, expected: int, end: int, going_on_at: int) -> None:
        self._metrics.records_lost.labels(partition[0]).inc(end - expected)
        _log.error(
            "%d records were deleted before they were read: retention is shorter than this service was behind",
            end - expected,
            extra={"topic": partition[0], "partition": partition[1], "expected": expected, "going_on_at": going_on_at},
        )

    def _mended(self, partition: PartitionId, place: Place) -> Place:
        """Return a place that the log has, and store it, loudly."""
        low, high = self._source.bounds(partition)
        if place.offset > high:
            place = self._put(partition, place, self._after_cut(partition, place, low, high))
        elif place.offset < low:
            # Where nothing is left to come, no gap would tell of it.
            expected, place = place.offset, self._put(partition, place, low)
            self._tell_lost(partition, expected, low, low)
        return replace(place, at_end=place.offset == high)

    def _after_cut(self, partition: PartitionId, place: Place, low: int, high: int) -> int:
        # The log was cut back. What was written since can only be newer than the cut; within the window
        # reading too much is harmless, because events are recognised.
        since = int(1000 * (self._clock.wall() - self._window_s))
        found = self._source.offset_since(partition, since)
        target = high if found is None else max(low, found)
        _log.error(
            "the log ends before the stored offset: the broker lost records; reading the dedupe window again",
            extra={
                "topic": partition[0],
                "partition": partition[1],
                "stored_offset": place.offset,
                "end": high,
                "going_on_at": target,
            },
        )
        return target

    def _put(self, partition: PartitionId, place: Place, target: int) -> Place:
        move = Move(key=place.key, expected=place.offset, next_offset=target, dead_in_row=place.dead_in_row)
        with self._engine.begin() as tx:
            offsets.advance(tx, [move])
        return self._stored({partition: place.key})[partition]


__all__ = ["Place", "Placement"]
