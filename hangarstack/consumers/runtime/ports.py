"""What the runtime needs from the world, so that its tests can do without Kafka."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Protocol, TypeAlias

from hangarstack.broker.cluster import ClusterIdentity
from hangarstack.consumers.runtime.letter import DeadLetter
from hangarstack.consumers.runtime.record import Record

PartitionId: TypeAlias = tuple[str, int]
"""Topic and partition number."""


class RebalanceListener(Protocol):
    """Told by the source, within ``take`` and ``close``, what this member owns; must not block for long."""

    def assigned(self, partitions: Sequence[PartitionId]) -> Mapping[PartitionId, int | None]:
        """Return where to start each; None: not known yet, keep it paused."""

    def revoked(self, partitions: Sequence[PartitionId]) -> None:
        """These are about to go to another member; the last chance to report positions."""

    def lost(self, partitions: Sequence[PartitionId]) -> None:
        """These belong to somebody else already: nothing may be reported for them."""


class RecordSource(Protocol):
    """A member of a consumer group; used by one thread.

    A position that the log does not have (any more) is read as the log's beginning: the runtime notices by the
    offsets that come.

    Methods that ask the broker block for at most 10 s and raise ``BrokerError`` when it does not answer.
    """

    def open(self, topics: Sequence[str], listener: RebalanceListener) -> None:
        """Join the group; does not wait for the assignment."""

    def take(self, limit: int, wait_s: float, gather_s: float) -> Sequence[Record]:
        """Return what is there, at most ``limit`` records; also serves rebalances.

        Args:
            limit: most records to return.
            wait_s: wait at most so long for a first record.
            gather_s: with a first record at hand, gather more until so long after the call.
        """

    def hold(self, partitions: Collection[PartitionId]) -> None:
        """Stop fetching these; does not block."""

    def go_on(self, partition: PartitionId, offset: int) -> None:
        """Fetch from ``offset`` on, whether the partition was held or not; does not block."""

    def report(self, positions: Mapping[PartitionId, int]) -> None:
        """Tell Kafka the next offsets, for its lag tools only; does not wait."""

    def identity(self, topics: Collection[str]) -> ClusterIdentity:
        """Ask which cluster and topics these are; raises when one is missing."""

    def bounds(self, partition: PartitionId) -> tuple[int, int]:
        """Ask for the first offset and the next one to be written."""

    def offsets(self, partition: PartitionId, first: int, last: int) -> Sequence[int]:
        """Ask the log itself which records it has from ``first`` to ``last``, past whatever reads it; at most 2 s."""

    def offset_since(self, partition: PartitionId, timestamp_ms: int) -> int | None:
        """Ask for the first record of that time or later; None when there is none."""

    def end(self, partition: PartitionId) -> int | None:
        """Return the next offset to be written as of the last fetch; None when not known. Does not block."""

    def start(self, partition: PartitionId) -> int | None:
        """Return the log's first offset as of the last fetch; None when not known. Does not block."""

    def ask_end(self, partition: PartitionId) -> int | None:
        """Ask for the next offset to be written; None without an answer. Blocks for at most half a second."""

    def close(self, timeout_s: float) -> None:
        """Leave the group; blocks for at most ``timeout_s``."""


class Decoder(Protocol):
    """Bytes to typed events."""

    def decode(self, topic: str, value: bytes) -> Any:
        """Return the event.

        Raises:
            DecodeError: the bytes are not an event of this topic.
            SchemaNotFoundError: the registry does not know the writer's schema.
            RegistryUnavailableError: the registry must be asked and does not answer.
        """


class DeadLetterSink(Protocol):
    """Where records go that could not be handled."""

    def send(self, letters: Sequence[DeadLetter], acknowledged: Callable[[DeadLetter], None]) -> None:
        """Write the letters and wait for their acknowledgement, at most about 1.5 s.

        A letter that was sent before and is not acknowledged yet is not written twice.

        Args:
            letters: what to write.
            acknowledged: called with each letter that the broker has stored, also when others fail.

        Raises:
            BrokerError: not all were acknowledged.
        """

    def close(self) -> None:
        """Let go of connections; does not block for long."""


class Clock(Protocol):
    """Time, as seconds."""

    def wall(self) -> float:
        """Return the seconds since 1970."""

    def monotonic(self) -> float:
        """Return seconds that never go back."""


class SystemClock:
    """The clock of the machine."""

    def wall(self) -> float:
        """Return the seconds since 1970."""
        return time.time()

    def monotonic(self) -> float:
        """Return seconds that never go back."""
        return time.monotonic()


__all__ = [
    "Clock",
    "DeadLetterSink",
    "Decoder",
    "PartitionId",
    "RebalanceListener",
    "RecordSource",
    "SystemClock",
]
