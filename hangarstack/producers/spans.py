"""Spans of producing: an event that is created, and a record that is sent."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from confluent_kafka import KafkaError, Message

from hangarstack.producers.record import Headers, Stream
from hangarstack.telemetry.tracing import Kind, Span, begin, caused_by, doing, wanted


def created(stream: Stream, event: Any, traceparent: str | None) -> AbstractContextManager[str | None]:
    """Return a context manager that is the span of accepting an event, and gives the trace context to send with it.

    Args:
        stream: where the event goes.
        event: a generated event.
        traceparent: of the request; counts when this thread has no span of its own.
    """
    return _created(stream, event, traceparent) if wanted() else nullcontext(traceparent)


@contextmanager
def _created(stream: Stream, event: Any, traceparent: str | None) -> Iterator[str | None]:
    attributes = {
        "messaging.system": "kafka",
        "messaging.operation.name": "create",
        "messaging.operation.type": "create",
        "messaging.destination.name": stream.topic,
        "messaging.message.id": str(event.event_id),
    }
    with doing(f"create {stream.topic}", Kind.PRODUCER, attributes, parent=caused_by(traceparent)) as span:
        yield traceparent if span is None else span.traceparent


def sent(stream: Stream, headers: Headers) -> Span | None:
    """Begin the span from handing a record to the client to the broker's answer; None when nobody wants spans."""
    if not wanted():
        return None
    own = dict(headers)
    traceparent = own.get("traceparent")
    attributes = {
        "messaging.system": "kafka",
        "messaging.operation.name": "send",
        "messaging.operation.type": "send",
        "messaging.destination.name": stream.topic,
        "messaging.message.id": _text(own["ce_id"]),
    }
    # An event accepted without a trace begins one here, and is not part of what this thread happens to do.
    return begin(f"send {stream.topic}", Kind.CLIENT, attributes, parent=_text(traceparent))


def end_sent(span: Span, error: KafkaError | None, message: Message) -> None:
    """End the span of a record with what the broker, or the client for it, has answered."""
    if error is not None:
        span.fail(error.name())
    else:
        place = {"messaging.destination.partition.id": str(message.partition())}
        span.note({**place, "messaging.kafka.offset": message.offset() or 0})
    span.end()


def _text(value: str | bytes | None) -> str:
    return value.decode() if isinstance(value, bytes) else value or ""


__all__ = ["created", "end_sent", "sent"]
