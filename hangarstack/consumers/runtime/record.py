"""A record as the source hands it over."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeAlias

Headers: TypeAlias = Sequence[tuple[str, bytes | None]]


class Record(Protocol):
    """What ``confluent_kafka.Message`` offers when it is no error, so that no record is copied."""

    def topic(self) -> str:
        """Its topic."""

    def partition(self) -> int:
        """Its partition number."""

    def offset(self) -> int:
        """Its offset."""

    def timestamp(self) -> tuple[int, int]:
        """The kind of its timestamp, and the timestamp in milliseconds since 1970."""

    def key(self) -> bytes | None:
        """Its key."""

    def value(self) -> bytes | None:
        """Its value."""

    def headers(self) -> Headers | None:
        """Its headers."""


__all__ = ["Headers", "Record"]
