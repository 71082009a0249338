"""A batch: what one transaction handles."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from hangarstack.consumers.runtime.letter import DeadLetter
from hangarstack.consumers.runtime.offsets import Move
from hangarstack.consumers.runtime.partition import Partition
from hangarstack.consumers.runtime.ports import PartitionId
from hangarstack.consumers.runtime.record import Record
from hangarstack.consumers.runtime.service import Received


class Passed(NamedTuple):
    """A record that was replayed for another service."""

    topic: str
    partition: int
    offset: int


Outcome: TypeAlias = Received | DeadLetter | Passed
"""What became of a record: an event to apply, a dead letter to write, or nothing."""


@dataclass(slots=True)
class Batch:
    """Outcomes in order within each partition, and the steps that they let the partitions take.

    Args:
        outcomes: what became of each record.
        records: the records, in the same order.
        moves: by partition; each covers its outcomes without a gap.
    """

    outcomes: list[Outcome] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    moves: dict[PartitionId, Move] = field(default_factory=dict)

    @property
    def events(self) -> list[Received]:
        """The events to apply."""
        return [outcome for outcome in self.outcomes if isinstance(outcome, Received)]

    @property
    def letters(self) -> list[DeadLetter]:
        """The dead letters to write."""
        return [outcome for outcome in self.outcomes if isinstance(outcome, DeadLetter)]

    def add(self, outcome: Outcome, record: Record, partition: Partition) -> None:
        """Append what became of a record, and let its partition step behind it; not if it was not placed yet.

        Args:
            outcome: what became of the record.
            record: the record.
            partition: where its partition is without this batch.
        """
        one = outcome.topic, outcome.partition
        move = self.moves.get(one)
        if move is None:
            if partition.key is None:
                return
            move = self.moves[one] = Move(
                key=partition.key,
                expected=partition.position,
                next_offset=partition.position,
                dead_in_row=partition.dead_in_row,
            )
        if isinstance(outcome, DeadLetter):
            move.dead_in_row += 1
        elif isinstance(outcome, Received):
            move.dead_in_row = 0
        move.next_offset = outcome.offset + 1
        self.outcomes.append(outcome)
        self.records.append(record)

    def without(self, partitions: Collection[PartitionId]) -> Batch:
        """Return what is left when these partitions are left out."""
        kept = [
            (outcome, record)
            for outcome, record in zip(self.outcomes, self.records, strict=True)
            if (outcome.topic, outcome.partition) not in partitions
        ]
        return Batch(
            [outcome for outcome, _ in kept],
            [record for _, record in kept],
            {one: move for one, move in self.moves.items() if one not in partitions},
        )


__all__ = ["Batch", "Outcome", "Passed"]
