"""A dead letter: a record that could not be handled, and why."""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from hangarstack.consumers.runtime.outage import reason
from hangarstack.consumers.runtime.record import Record
from hangarstack.deadletters.headers import (
    ATTEMPTS,
    ERROR_CLASS,
    ERROR_MESSAGE,
    ERROR_STACK,
    FIRST_SEEN,
    GROUP,
    LEFT_OUT,
    OFFSET,
    PARTITION,
    REASONS,
    SCHEMA_ID,
    TIMESTAMP,
    TOPIC,
    number,
)

_MESSAGE_LIMIT: Final = 1000
_STACK_LIMIT: Final = 8000
_FRAMES: Final = 20
_FRAME_BYTES: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """A record and why it could not be handled; made by ``dead_letter``.

    Args:
        record: the record, which is kept byte for byte, unless its topic of dead letters takes none that large.
        topic: its topic.
        partition: its partition.
        offset: its offset.
        error_class: the name of the error's class.
        message: what the error says.
        stack: where it was raised.
        reason: the error in one short line without personal data, for the log.
        attempts: how often this member tried to handle the record.
        first_seen: when it first failed here, in seconds since 1970.
    """

    record: Record
    topic: str
    partition: int
    offset: int
    error_class: str
    message: str
    stack: str
    reason: str
    attempts: int
    first_seen: float

    def headers(self, group: str) -> list[tuple[str, bytes]]:
        """Return the record's own headers, ``traceparent`` among them, and those that tell why it is here."""
        kept = [(name, value or b"") for name, value in self.record.headers() or () if name not in REASONS]
        return [*kept, *self._reasons(group)]

    def headers_alone(self, group: str) -> list[tuple[str, bytes]]:
        """Return the headers of a letter that must do without its record, because that is too large."""
        return [*self._reasons(group), (LEFT_OUT, b"%d" % len(self.record.value() or b""))]

    def _reasons(self, group: str) -> list[tuple[str, bytes]]:
        """Return why the record is here.

        One that was replayed from the dead letters and fails again keeps the time at which it first failed, and its
        attempts add up.
        """
        before = {name: value or b"" for name, value in self.record.headers() or () if name in REASONS}
        attempts = self.attempts + number(before.get(ATTEMPTS))
        seen = datetime.fromtimestamp(self.first_seen, UTC).isoformat(timespec="milliseconds").encode()
        return [
            (TOPIC, self.topic.encode()),
            (PARTITION, b"%d" % self.partition),
            (OFFSET, b"%d" % self.offset),
            (TIMESTAMP, b"%d" % self.record.timestamp()[1]),
            (GROUP, group.encode()),
            (ERROR_CLASS, _bytes(self.error_class)),
            (ERROR_MESSAGE, _bytes(self.message)),
            (ERROR_STACK, _bytes(self.stack)),
            (ATTEMPTS, b"%d" % attempts),
            (SCHEMA_ID, schema_id(self.record.value())),
            (FIRST_SEEN, before.get(FIRST_SEEN) or seen),
        ]


def dead_letter(record: Record, error: Exception, *, attempts: int, first_seen: float) -> DeadLetter:
    """Return the dead letter of a record, and take the traceback off the error.

    Args:
        record: what could not be handled.
        error: what was raised last.
        attempts: how often this member tried.
        first_seen: when it first failed here, in seconds since 1970.
    """
    stack = "".join(traceback.format_exception(error, limit=-_FRAMES))
    # A traceback keeps every local alive; and an error that is raised again would carry all of them on.
    error.__traceback__ = None
    return DeadLetter(
        record=record,
        topic=record.topic(),
        partition=record.partition(),
        offset=record.offset(),
        error_class=type(error).__name__,
        message=str(error)[:_MESSAGE_LIMIT],
        # The end of a stack says most.
        stack=stack[-_STACK_LIMIT:],
        reason=reason(error),
        attempts=attempts,
        first_seen=first_seen,
    )


def schema_id(value: bytes | None) -> bytes:
    """Return the writer's schema id in decimal, or nothing when the value has no Confluent frame."""
    if value is None or len(value) < _FRAME_BYTES or value[0] != 0:
        return b""
    return b"%d" % int.from_bytes(value[1:_FRAME_BYTES], "big")


def _bytes(text: str) -> bytes:
    return text.encode(errors="replace")


__all__ = ["DeadLetter", "dead_letter", "schema_id"]
