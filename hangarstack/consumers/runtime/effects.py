"""One transaction per batch: the effect of its events, the offsets behind them, and what is known of both."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Engine

from hangarstack.consumers.runtime import offsets, totals, written
from hangarstack.consumers.runtime.batch import Batch
from hangarstack.consumers.runtime.dedupe import SeenEvents
from hangarstack.consumers.runtime.latency import LatencyHistogram
from hangarstack.consumers.runtime.ports import Clock, PartitionId
from hangarstack.consumers.runtime.service import Service
from hangarstack.consumers.runtime.spans import committing
from hangarstack.telemetry.tracing import doing


@dataclass(frozen=True, slots=True, kw_only=True)
class Committed:
    """What a transaction has done.

    Args:
        applied: how many events have their effect in the store now, by class name.
        duplicates: how many others had been applied before.
    """

    applied: Mapping[str, int]
    duplicates: int


class Effects:
    """Commits batches; every error rolls the whole batch back.

    Args:
        engine: the service's store.
        service: what the events do.
        seen: recognises duplicates.
        latency: saved along now and then.
        clock: the time now.
    """

    def __init__(
        self, engine: Engine, service: Service, seen: SeenEvents, latency: LatencyHistogram, clock: Clock
    ) -> None:
        self._engine = engine
        self._service = service
        self._seen = seen
        self._latency = latency
        self._clock = clock
        self._span = committing(service.owner, engine.dialect.name)

    def commit(self, batch: Batch) -> Committed:
        """Apply what is new in the batch and move its offsets, or nothing.

        Blocks for the transaction. The dead letters of the batch must have been acknowledged before.

        Raises:
            FencedError: another process has moved one of the offsets.
            Exception: whatever the service or the database raises.
        """
        events, letters = batch.events, batch.letters
        now, saves = self._clock.wall(), self._latency.due(self._clock.monotonic())
        with doing(*self._span), self._engine.begin() as tx:
            # First, because it takes the lock that makes a stale owner wait, and then fail, before it does any work.
            offsets.advance(tx, batch.moves.values())
            fresh = self._seen.claim(tx, events, now)
            if fresh:
                self._service.apply(tx, fresh)
            self._seen.prune(tx, batch.moves, batch.records, len(fresh), now)
            if saves:
                self._latency.save(tx, self._clock.monotonic())
            applied = Counter(type(one.event).__name__ for one in fresh)
            written.note(tx, letters, batch.moves)
            totals.count(tx, applied, Counter(letter.topic for letter in letters))
        if saves:
            self._latency.saved()
        self._latency.observe(fresh, self._clock.wall())
        return Committed(applied=applied, duplicates=len(events) - len(fresh))

    def save_latency(self) -> None:
        """Save the latency histogram in a transaction of its own, when it is time: no batch may come for hours."""
        if self._latency.due(self._clock.monotonic()):
            with self._engine.begin() as tx:
                self._latency.save(tx, self._clock.monotonic())
            self._latency.saved()

    def stale(self, batch: Batch) -> set[PartitionId]:
        """Return the batch's partitions that another process has moved."""
        with self._engine.connect() as connection:
            return offsets.stale(connection, batch.moves)


__all__ = ["Committed", "Effects"]
