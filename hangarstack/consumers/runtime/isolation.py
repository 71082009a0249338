"""Taking a failing batch apart until the records that fail alone are found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeAlias

from hangarstack.consumers.runtime.assignment import Assignment
from hangarstack.consumers.runtime.batch import Batch, Outcome
from hangarstack.consumers.runtime.committer import Committer
from hangarstack.consumers.runtime.letter import DeadLetter, dead_letter
from hangarstack.consumers.runtime.limit import limit_reached
from hangarstack.consumers.runtime.offsets import Move
from hangarstack.consumers.runtime.outage import is_outage
from hangarstack.consumers.runtime.partition import Hold
from hangarstack.consumers.runtime.ports import Clock
from hangarstack.consumers.runtime.record import Record
from hangarstack.consumers.runtime.service import Received

Pair: TypeAlias = tuple[Outcome, Record]
_LONGEST_S: Final = 2.0
"""Nothing is polled meanwhile, so rebalances wait: what is left after so long is read again."""


class Isolation:
    """Commits the good records of a failing batch and dead-letters the others.

    Args:
        committer: commits parts of the batch.
        assignment: the partitions of this member.
        limit: so many dead letters in a row are allowed in a partition.
        clock: the time now.
    """

    def __init__(self, committer: Committer, assignment: Assignment, limit: int, clock: Clock) -> None:
        self._committer = committer
        self._assignment = assignment
        self._limit = limit
        self._clock = clock

    def resolve(self, batch: Batch, attempts: int, failed_at: float) -> None:
        """Halve the batch, again and again, until each part is committed or is one record that fails.

        Parts are handled in order, so each partition's committed prefix stays without gaps.

        Args:
            batch: has just failed; what of it is not handled within about 2 s is left to be read again.
            attempts: how often it has failed.
            failed_at: when it failed first, in seconds since 1970.

        Raises:
            DeadLetterLimitError: one dead letter too many would be needed.
            Exception: an outage; what was committed until then stays so.
        """
        pairs = list(zip(batch.outcomes, batch.records, strict=True))
        self._take_apart(pairs, attempts, failed_at, self._clock.monotonic() + _LONGEST_S)

    def _take_apart(self, pairs: Sequence[Pair], attempts: int, failed_at: float, until: float) -> None:
        middle = len(pairs) // 2
        for part in (pairs[:middle], pairs[middle:]):
            if self._clock.monotonic() >= until:
                self._assignment.hold({(one.topic, one.partition) for one, _ in part}, Hold.RETRY, 0.0)
                continue
            try:
                self._committer.commit(self._rebuilt(part))
            except Exception as error:
                if is_outage(error):
                    raise
                if len(part) > 1:
                    self._take_apart(part, attempts, failed_at, until)
                else:
                    self._condemn(part[0][1], error, attempts, failed_at)

    def _condemn(self, record: Record, error: Exception, attempts: int, failed_at: float) -> None:
        letter = dead_letter(record, error, attempts=attempts + 1, first_seen=failed_at)
        self._committer.commit(self._rebuilt([(letter, record)]))

    def _rebuilt(self, pairs: Sequence[Pair]) -> Batch:
        """Return a batch of these, from where the partitions are now; without those that are held meanwhile."""
        batch = Batch()
        for outcome, record in pairs:
            one = outcome.topic, outcome.partition
            partition = self._assignment.owned[one]
            if partition.held or partition.key is None:
                continue
            move = batch.moves.get(one) or Move(
                key=partition.key,
                expected=partition.position,
                next_offset=partition.position,
                dead_in_row=partition.dead_in_row,
            )
            if isinstance(outcome, DeadLetter) and move.dead_in_row >= self._limit:
                raise limit_reached(one, outcome.offset, self._limit)
            if isinstance(outcome, DeadLetter):
                move.dead_in_row += 1
            elif isinstance(outcome, Received):
                move.dead_in_row = 0
            move.next_offset = outcome.offset + 1
            batch.moves[one] = move
            batch.outcomes.append(outcome)
            batch.records.append(record)
        return batch


__all__ = ["Isolation"]
