"""Telling Kafka and the metrics how far the partitions are; the database alone is believed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Final

from hangarstack.consumers.runtime.metrics import ConsumerMetrics
from hangarstack.consumers.runtime.offsets import Move
from hangarstack.consumers.runtime.partition import Partition
from hangarstack.consumers.runtime.ports import Clock, PartitionId, RecordSource

_EVERY_S: Final = 5.0


class Progress:
    """Collects positions and reports them every few seconds, because each report costs the broker a write.

    Args:
        source: takes the positions for Kafka's lag tools, and knows the ends.
        clock: the time now.
        metrics: shows the lag.
    """

    def __init__(self, source: RecordSource, clock: Clock, metrics: ConsumerMetrics) -> None:
        self._source = source
        self._clock = clock
        self._metrics = metrics
        self._unreported: dict[PartitionId, int] = {}
        self._report_at = 0.0

    def moved(self, moves: Mapping[PartitionId, Move]) -> None:
        """Note committed steps."""
        for one, move in moves.items():
            self._unreported[one] = move.next_offset

    def went_back(self, one: PartitionId, position: int) -> None:
        """Note that a partition is to be read again from a position, and report it at the next opportunity."""
        self._unreported[one] = position
        self._report_at = self._clock.monotonic()

    def forget(self, partitions: Iterable[PartitionId]) -> None:
        """Report these no more: another member does, or will."""
        for one in partitions:
            self._unreported.pop(one, None)
            with suppress(KeyError):
                self._metrics.lag.remove(*one)

    def due(self) -> bool:
        """Tell whether it is time for the next report."""
        return self._clock.monotonic() >= self._report_at

    def report(self, owned: Mapping[PartitionId, Partition]) -> None:
        """Report now; blocks for a question to the broker about each partition that is held, or one without answer."""
        self._report_at = self._clock.monotonic() + _EVERY_S
        self.tell()
        answers = True
        for one, partition in owned.items():
            if partition.key is None:
                continue
            # Of what is not fetched the client learns nothing by itself.
            asks = answers and partition.held is not None
            end = self._source.ask_end(one) if asks else self._source.end(one)
            answers = answers and not (asks and end is None)
            if end is not None:
                self._metrics.lag.labels(*one).set(max(0, end - partition.position))

    def tell(self) -> None:
        """Tell Kafka what it was not told yet; does not wait for the broker."""
        if self._unreported:
            self._source.report(self._unreported)
            self._unreported = {}


__all__ = ["Progress"]
