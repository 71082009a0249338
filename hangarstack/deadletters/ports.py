"""What this room needs of the broker and the clock, so that its tests can do without."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from hangarstack.deadletters.letter import Letter
from hangarstack.errors import BrokerError


class LogKey(NamedTuple):
    """Which log: a broker may be replaced, and a topic made anew under the same name."""

    cluster_id: str
    topic_id: str
    partition: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterLog:
    """One partition of dead letters, as it was when it was asked for.

    Args:
        topic: its topic.
        key: which log it is.
        first: the first offset that is still there.
        position: every letter before it was handled: the position of the group ``hangarstack.dlq-replay``.
        end: the next offset to be written.
    """

    topic: str
    key: LogKey
    first: int
    position: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A record to publish."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...]


class LetterSource(Protocol):
    """Reads dead letters; used by one thread. Every method may raise ``BrokerError`` and blocks for seconds at most."""

    def logs(self, topics: Collection[str]) -> Sequence[LetterLog]:
        """Return the partitions of those topics that exist."""

    def read(self, log: LetterLog, start: int) -> Iterator[Letter | None]:
        """Yield the letters from ``start`` to ``log.end``; None now and then while nothing comes."""

    def offset_since(self, log: LetterLog, timestamp_ms: int) -> int:
        """Return the offset of the first letter of that time or later; ``log.end`` when there is none."""

    def commit(self, positions: Mapping[tuple[str, int], int]) -> None:
        """Store the positions of the group, by topic and partition."""


class Outlet(Protocol):
    """Publishes records."""

    def send(self, records: Sequence[Outgoing]) -> Sequence[BrokerError | None]:
        """Write the records, wait until each is acknowledged or refused, and return what each was refused for.

        Blocks for about ten seconds at most.
        """


class Clock(Protocol):
    """Time."""

    def __call__(self) -> float:
        """Return the seconds since 1970."""
