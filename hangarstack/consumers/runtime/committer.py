"""Committing a batch: its dead letters first, then its transaction; what was fenced is left out."""

from __future__ import annotations

import logging
from typing import Final

from hangarstack.consumers.runtime.assignment import Assignment
from hangarstack.consumers.runtime.batch import Batch
from hangarstack.consumers.runtime.effects import Committed, Effects
from hangarstack.consumers.runtime.letter import DeadLetter
from hangarstack.consumers.runtime.metrics import ConsumerMetrics
from hangarstack.consumers.runtime.partition import Hold
from hangarstack.consumers.runtime.ports import Clock, DeadLetterSink, PartitionId
from hangarstack.errors import BrokerError, FencedError

_log: Final = logging.getLogger(__name__)
_FENCED_S: Final = 1.0
"""A member that was fenced waits so long: time to be told that the partition is another one's."""


class Committer:
    """Commits batches and notes what follows from it.

    Args:
        effects: the transaction.
        assignment: the partitions of this member.
        sink: takes dead letters.
        clock: the time now.
        metrics: told of what was done.
    """

    def __init__(
        self, effects: Effects, assignment: Assignment, sink: DeadLetterSink, clock: Clock, metrics: ConsumerMetrics
    ) -> None:
        self._effects = effects
        self._assignment = assignment
        self._sink = sink
        self._clock = clock
        self._metrics = metrics

    def commit(self, batch: Batch) -> None:
        """Commit what this member still owns of the batch; partitions that another one has moved are held.

        Held as for an outage, too, are partitions with a dead letter that cannot be written, from that record on; what
        they have before it is committed. Blocks for the acknowledgement of dead letters, about 1.5 s at most, and for
        the transaction.

        Raises:
            Exception: whatever the service or the database raises; nothing of the batch is committed.
        """
        unwritten: dict[PartitionId, BrokerError] = {}
        try:
            while batch.moves:
                try:
                    batch = self._written(batch, unwritten)
                    if not batch.moves:
                        return
                    started = self._clock.monotonic()
                    committed = self._effects.commit(batch)
                except FencedError:
                    batch = self._unfenced(batch)
                else:
                    self._account(batch, committed, self._clock.monotonic() - started)
                    return
        finally:
            # Afterwards, because a step forward would be taken for the end of the outage.
            for one, error in unwritten.items():
                self._assignment.hold_for_outage([one], error)

    def _written(self, batch: Batch, unwritten: dict[PartitionId, BrokerError]) -> Batch:
        """Write the batch's letters; return what can be committed, and note the partitions that must wait."""
        owned = self._assignment.owned
        new = [one for one in batch.letters if not owned[one.topic, one.partition].has_letter(one.record)]
        if not new:
            return batch
        # A letter cannot be taken back, so a member that was overtaken should find out before it writes one.
        if self._effects.stale(batch):
            raise FencedError("a stored offset is not where this process left it")

        def note(letter: DeadLetter) -> None:
            owned[letter.topic, letter.partition].lettered[letter.offset] = letter.record.timestamp()[1]
            self._metrics.dead_letters.labels(letter.topic, letter.error_class).inc()

        try:
            self._sink.send(new, note)
        except BrokerError as error:
            return self._before_unwritten(batch, unwritten, error)
        return batch

    def _before_unwritten(self, batch: Batch, unwritten: dict[PartitionId, BrokerError], error: BrokerError) -> Batch:
        left = Batch()
        for outcome, record in zip(batch.outcomes, batch.records, strict=True):
            one = outcome.topic, outcome.partition
            partition = self._assignment.owned[one]
            if isinstance(outcome, DeadLetter) and not partition.has_letter(outcome.record):
                unwritten[one] = error
            if one not in unwritten:
                left.add(outcome, record, partition)
        return left

    def _unfenced(self, batch: Batch) -> Batch:
        fenced = self._effects.stale(batch)
        _log.warning("fenced: another process moved the stored offset", extra={"partitions": sorted(fenced)})
        self._assignment.hold(fenced, Hold.FENCED, _FENCED_S)
        return batch.without(fenced)

    def _account(self, batch: Batch, committed: Committed, took: float) -> None:
        self._assignment.moved(batch.moves)
        self._metrics.commit_time.observe(took)
        self._metrics.batch_size.observe(len(batch.outcomes))
        self._metrics.duplicates.inc(committed.duplicates)
        for name, total in committed.applied.items():
            self._metrics.applied.labels(name).inc(total)


__all__ = ["Committer"]
