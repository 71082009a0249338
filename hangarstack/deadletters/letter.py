"""A dead letter as it is read back."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final, NamedTuple

from hangarstack.broker.specs import DEAD_LETTER_SUFFIX, QUARANTINE_SUFFIX
from hangarstack.deadletters import headers as names
from hangarstack.errors import RepairError, WireFormatError
from hangarstack.events.runtime.wire import unframe

_MARK: Final = "\N{REPLACEMENT CHARACTER}"
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs"})
_GROUP_PREFIX: Final = "hangarstack."
_LARGEST_OFFSET: Final = 2**63 - 1
_LARGEST_PARTITION: Final = 2**31 - 1


class LetterId(NamedTuple):
    """Where a letter is; written ``TOPIC/PARTITION/OFFSET``."""

    topic: str
    """The topic of dead letters or of the quarantine, such as ``hangarstack.aircraft.views.dlq``."""
    partition: int
    offset: int

    def __str__(self) -> str:
        """Return ``TOPIC/PARTITION/OFFSET``."""
        return f"{self.topic}/{self.partition}/{self.offset}"


def letter_id(text: str) -> LetterId:
    """Return the place that a text names.

    Raises:
        RepairError: it is not ``TOPIC/PARTITION/OFFSET``, or no topic of dead letters.
    """
    topic, _, rest = text.partition("/")
    partition, _, offset = rest.partition("/")
    if not (_is_number(partition, _LARGEST_PARTITION) and _is_number(offset, _LARGEST_OFFSET)) or origin(topic) is None:
        raise RepairError(
            "that is not the place of a dead letter",
            where=text[:200],
            remedy="Write TOPIC/PARTITION/OFFSET as `hangarstack dlq list` prints it; the topic ends in .dlq",
        )
    return LetterId(topic, int(partition), int(offset))


def origin(topic: str) -> str | None:
    """Return whose dead letters, or whose quarantine, a topic holds; None: it holds neither."""
    for suffix in (QUARANTINE_SUFFIX, DEAD_LETTER_SUFFIX):
        if topic.endswith(suffix):
            return topic.removesuffix(suffix) or None
    return None


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A record that could not be handled, byte for byte, and what its headers say of it.

    The headers are what somebody wrote: none of them need be there or be true.

    Args:
        id: where it is.
        timestamp_ms: when it was written, in milliseconds since 1970.
        key: of the record.
        value: of the record.
        headers: all of them.
    """

    id: LetterId
    timestamp_ms: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...]

    @property
    def origin(self) -> str:
        """The topic that the record came from, by the name of the topic that it is in."""
        return origin(self.id.topic) or self.id.topic

    @property
    def is_quarantined(self) -> bool:
        """Whether it is in quarantine."""
        return self.id.topic.endswith(QUARANTINE_SUFFIX)

    @property
    def source(self) -> str:
        """Where exactly the record came from: ``topic[partition]@offset``."""
        return f"{self.origin}[{self.text(names.PARTITION) or '?'}]@{self.text(names.OFFSET) or '?'}"

    @property
    def service(self) -> str:
        """The service that could not handle it."""
        return self.text(names.GROUP).removeprefix(_GROUP_PREFIX)

    @property
    def error_class(self) -> str:
        """The name of the error's class."""
        return self.text(names.ERROR_CLASS)

    @property
    def message(self) -> str:
        """What the error said."""
        return self.text(names.ERROR_MESSAGE)

    @property
    def left_out(self) -> bool:
        """Whether the record was too large for its letter, and is only where it came from."""
        return names.LEFT_OUT in self._last

    @property
    def replays(self) -> int:
        """How often the record was replayed before it came here."""
        return names.number(self._last.get(names.REPLAYS))

    @property
    def schema_id(self) -> int | None:
        """The writer's schema, by the value itself; None: the value has no Confluent frame."""
        try:
            return unframe(self.value or b"")[0]
        except WireFormatError:
            return None

    def text(self, name: str) -> str:
        """Return a header as text that is safe to print, empty when it is not there."""
        return readable(self._last.get(name))

    @cached_property
    def _last(self) -> Mapping[str, bytes | None]:
        return dict(self.headers)


def readable(value: bytes | None) -> str:
    """Return bytes as text without control characters but line ends: what a terminal shows must not command it."""
    return without_control((value or b"").decode(errors="replace"))


def without_control(text: str) -> str:
    """Return a text with a mark for each control character but line ends and tabs."""
    return "".join(_MARK if unicodedata.category(each) in _UNSEEN and each not in "\n\t" else each for each in text)


def _is_number(text: str, largest: int) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 20 and int(text) <= largest
