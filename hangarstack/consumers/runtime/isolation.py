"""Taking failing records apart, over as many turns of the loop as it needs, until those that fail alone are found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from hangarstack.consumers.runtime.assignment import Assignment
from hangarstack.consumers.runtime.batch import Batch, Outcome
from hangarstack.consumers.runtime.committer import Committer
from hangarstack.consumers.runtime.letter import DeadLetter, dead_letter
from hangarstack.consumers.runtime.limit import limit_reached
from hangarstack.consumers.runtime.offsets import OffsetKey
from hangarstack.consumers.runtime.outage import is_outage
from hangarstack.consumers.runtime.partition import Hold
from hangarstack.consumers.runtime.ports import Clock, PartitionId
from hangarstack.consumers.runtime.record import Record

Pair: TypeAlias = tuple[Outcome, Record]


@dataclass(slots=True, kw_only=True)
class Suspicion:
    """How far the search in a partition has come; its records are read again, so only this is kept of it.

    Args:
        key: which log the partition was.
        until: the first offset behind the records that failed together.
        most: so many of them may be tried together: half after a failure, twice as many after a success.
        attempts: how often they have failed together.
        failed_at: when they failed first, in seconds since 1970.
    """

    key: OffsetKey
    until: int
    most: int
    attempts: int
    failed_at: float


class Isolation:
    """Commits the good records among failing ones and dead-letters the others.

    Each failure halves what is tried next in its partition, down to one record, which becomes a dead letter; each
    success moves the partition on. So the search ends, however little of it fits into a turn of the loop: it takes no
    more tries than twice the records, and some ten failures for one poison record in a thousand.

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
        self._suspicions: dict[PartitionId, Suspicion] = {}
        """By partition, the one that was searched longest ago first: a slow search keeps no other one waiting."""

    def suspects(self, batch: Batch) -> set[PartitionId]:
        """Return the partitions of the batch that are still searched."""
        if not self._suspicions:
            return set()
        first: dict[PartitionId, int] = {}
        for outcome in batch.outcomes:
            first.setdefault((outcome.topic, outcome.partition), outcome.offset)
        for one in batch.moves.keys() & self._suspicions.keys():
            suspicion = self._suspicions[one]
            # Another member may have handled the records meanwhile, retention deleted them, or the topic was made anew.
            if batch.moves[one].key != suspicion.key or first[one] >= suspicion.until:
                del self._suspicions[one]
        return batch.moves.keys() & self._suspicions.keys()

    def suspect(self, batch: Batch, attempts: int, failed_at: float) -> None:
        """Search the batch, from now on: what it has of a partition is tried alone, or half of it if that is all.

        Args:
            batch: has just failed.
            attempts: how often it has failed.
            failed_at: when it failed first, in seconds since 1970.
        """
        sizes = Counter((outcome.topic, outcome.partition) for outcome in batch.outcomes)
        for one, move in batch.moves.items():
            self._suspicions[one] = Suspicion(
                key=move.key,
                until=move.next_offset,
                most=sizes[one] if len(sizes) > 1 else max(1, sizes[one] // 2),
                attempts=attempts,
                failed_at=failed_at,
            )

    def search(self, batch: Batch, until: float) -> None:
        """Try parts of the batch; what is left is read again, and searched on.

        Args:
            batch: records of partitions that are searched.
            until: when to let the member poll again, on the monotonic clock; something is tried in any case.

        Raises:
            DeadLetterLimitError: one dead letter too many would be needed.
            Exception: an outage; what was committed until then stays so.
        """
        pairs: dict[PartitionId, list[Pair]] = {one: [] for one in self._suspicions if one in batch.moves}
        for outcome, record in zip(batch.outcomes, batch.records, strict=True):
            pairs[outcome.topic, outcome.partition].append((outcome, record))
        for number, (one, its) in enumerate(pairs.items()):
            if number and self._clock.monotonic() >= until:
                self._assignment.hold([one], Hold.RETRY, 0.0)
                continue
            self._suspicions[one] = self._suspicions.pop(one)
            left = self._search(one, its, until)
            if left and self._assignment.owned[one].held is None:
                self._assignment.hold([one], Hold.RETRY, 0.0)

    def _search(self, one: PartitionId, pairs: Sequence[Pair], until: float) -> Sequence[Pair]:
        """Return the records that were not tried, and those behind what is searched."""
        suspicion = self._suspicions[one]
        while part := [pair for pair in pairs[: suspicion.most] if pair[0].offset < suspicion.until]:
            try:
                self._committer.commit(self._rebuilt(part))
            except Exception as error:
                if is_outage(error):
                    raise
                if len(part) > 1:
                    suspicion.most = len(part) // 2
                    part = []
                else:
                    self._condemn(part[0][1], error, suspicion)
            else:
                suspicion.most *= 2
            pairs = pairs[len(part) :]
            if self._clock.monotonic() >= until or self._assignment.owned[one].held:
                break
        return pairs

    def _condemn(self, record: Record, error: Exception, suspicion: Suspicion) -> None:
        letter = dead_letter(record, error, attempts=suspicion.attempts + 1, first_seen=suspicion.failed_at)
        self._committer.commit(self._rebuilt([(letter, record)]))

    def _rebuilt(self, pairs: Sequence[Pair]) -> Batch:
        """Return a batch of these, from where the partitions are now; without those that are held meanwhile."""
        batch = Batch()
        for outcome, record in pairs:
            one = outcome.topic, outcome.partition
            partition = self._assignment.owned[one]
            if partition.held:
                continue
            dead_in_row = batch.moves[one].dead_in_row if one in batch.moves else partition.dead_in_row
            if isinstance(outcome, DeadLetter) and dead_in_row >= self._limit:
                raise limit_reached(one, outcome.offset, self._limit)
            batch.add(outcome, record, partition)
        return batch


__all__ = ["Isolation"]
