"""Committing a batch: its dead letters first, then its transaction; what was fenced is left out."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Final

from hangarstack.consumers.runtime.assignment import Assignment
from hangarstack.consumers.runtime.batch import Batch
from hangarstack.consumers.runtime.effects import Committed, Effects
from hangarstack.consumers.runtime.letter import DeadLetter
from hangarstack.consumers.runtime.metrics import ConsumerMetrics
from hangarstack.consumers.runtime.partition import Hold
from hangarstack.consumers.runtime.ports import Clock, DeadLetterSink
from hangarstack.errors import FencedError

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

        Blocks for the acknowledgement of dead letters and for the transaction.

        Raises:
            BrokerError: dead letters were not acknowledged; nothing of the batch is committed.
            Exception: whatever the service or the database raises; nothing of the batch is committed.
        """
        while batch.moves:
            try:
                self._write(batch, batch.letters)
                started = self._clock.monotonic()
                committed = self._effects.commit(batch)
            except FencedError:
                batch = self._unfenced(batch)
            else:
                self._account(batch, committed, self._clock.monotonic() - started)
                return

    def _write(self, batch: Batch, letters: Sequence[DeadLetter]) -> None:
        owned = self._assignment.owned
        new = [one for one in letters if not owned[one.topic, one.partition].has_letter(one.record)]
        if not new:
            return
        # A letter cannot be taken back, so a member that was overtaken should find out before it writes one.
        if self._effects.stale(batch):
            raise FencedError("a stored offset is not where this process left it")

        def note(letter: DeadLetter) -> None:
            owned[letter.topic, letter.partition].lettered[letter.offset] = letter.record.timestamp()[1]
            self._metrics.dead_letters.labels(letter.topic, letter.error_class).inc()

        self._sink.send(new, note)

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
