"""What a service is to the runtime."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

from sqlalchemy import Connection

from hangarstack.events.runtime.codec import Codec


class Received(NamedTuple):
    """One decoded event and where it came from.

    A tuple, because one is made per event and a tuple costs a third of a frozen dataclass.
    """

    event: Any
    """The typed event; has ``event_id`` (UUID) and ``occurred_at`` (aware datetime)."""
    topic: str
    partition: int
    offset: int
    timestamp_ms: int
    """When the record was produced, in milliseconds since 1970, as Kafka says; -1 when it does not."""
    replayed: bool = False
    """Whether the record was replayed from the dead letters."""


class Service(Protocol):
    """The effect of events on one store; knows nothing of Kafka, offsets, retries or duplicates."""

    @property
    def name(self) -> str:
        """Its name in kebab-case, such as ``search-insights``; its consumer group is ``hangarstack.<name>``."""

    @property
    def owner(self) -> str:
        """The owner of the tables that it writes, such as ``search_insights``."""

    @property
    def codecs(self) -> tuple[Codec[Any], ...]:
        """The events it reads; their topics are what it subscribes to."""

    def apply(self, tx: Connection, events: Sequence[Received]) -> None:
        """Apply a batch inside the runtime's transaction, which also moves the offsets.

        Must have no effect except through ``tx``: it is called again with the same events after a rollback.
        Should not block on anything but the database, and should sort the rows it writes by key, so that
        two members which write the same rows do not deadlock.

        Args:
            tx: the open transaction; must be neither committed nor rolled back.
            events: at least one, none applied before, in order within each partition.

        Raises:
            Exception: whatever it raises is retried, then narrowed down to the one event that is dead-lettered.
        """


__all__ = ["Received", "Service"]
