"""What is delivered: a record, and the stream that all records of one event class and schema share."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from functools import cached_property

Headers = list[tuple[str, str | bytes | None]]
"""All headers of a record, as librdkafka takes them."""
Attributes = list[tuple[str, str]]
"""The headers that differ from event to event; neither names nor values hold a line feed, nor names a colon."""


@dataclass(frozen=True, kw_only=True)
class Stream:
    """Everything a record needs that does not change from one event to the next.

    It travels with the record (in the spool, in the outbox), so that a process with other code, or with none
    for this event class, can still deliver it.

    Args:
        topic: where the records go.
        subject: under which the registry keeps the schema.
        event: the event class, for metrics and people.
        type: the CloudEvents type: the full name of the Avro record.
        source: the CloudEvents source: who accepted the events.
        schema: the writer schema, as its contract has it.
    """

    topic: str
    subject: str
    event: str
    type: str
    source: str
    schema: str = field(repr=False)

    @cached_property
    def text(self) -> str:
        """The stream as JSON, always the same for the same stream."""
        return json.dumps({name: getattr(self, name) for name in _NAMES}, sort_keys=True)

    @cached_property
    def fingerprint(self) -> int:
        """A number of 64 bits that stands for this stream in a journal."""
        return int.from_bytes(hashlib.sha256(self.text.encode()).digest()[:8], "big") >> 1

    @cached_property
    def headers(self) -> Headers:
        """The headers that every record of this stream carries (CloudEvents 1.0, Kafka binding, binary mode)."""
        return [
            ("ce_specversion", b"1.0"),
            ("ce_type", self.type.encode()),
            ("ce_source", self.source.encode()),
            ("content-type", b"application/avro"),
        ]


_NAMES = ("topic", "subject", "event", "type", "source", "schema")


def stream_from_text(text: str) -> Stream:
    """Return the stream that ``Stream.text`` was taken from.

    Raises:
        ValueError: the text is not that of a stream.
    """
    values = json.loads(text)
    if not isinstance(values, dict) or set(values) != set(_NAMES):
        raise ValueError("not the description of a stream")
    return Stream(**values)


@dataclass(frozen=True, slots=True)
class Record:
    """One accepted event on its way: encoded, keyed, its schema id not yet known.

    ``attributes`` holds the headers of this one event, a line each.
    """

    stream: Stream
    key: bytes
    attributes: str
    body: bytes

    @property
    def headers(self) -> Headers:
        """All headers of the record."""
        own: Headers = [
            (name, value) for name, _, value in (line.partition(":") for line in self.attributes.split("\n"))
        ]
        return self.stream.headers + own
