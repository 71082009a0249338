"""What a service reads: declared in code, so that a proposed change of a contract can say whom it touches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hangarstack.events.runtime.codec import Codec


@dataclass(frozen=True, slots=True, kw_only=True)
class Reads:
    """The fields of one event that a service looks at.

    Args:
        codec: of the event; its current version is the one that the service is written against.
        fields: dotted paths, such as ``error.message``; ``changes.path`` for a field of the items of an array.
    """

    codec: Codec[Any]
    fields: tuple[str, ...]

    @property
    def event(self) -> str:
        """The event's class."""
        return self.codec.name

    @property
    def version(self) -> int:
        """The version of its contract that the service decodes into."""
        return self.codec.version


__all__ = ["Reads"]
