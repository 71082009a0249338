"""Spans of consuming: a batch that is handled, for all the events in it."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from typing import Final

from hangarstack.consumers.runtime.batch import Batch
from hangarstack.consumers.runtime.record import Record
from hangarstack.telemetry.tracing import Attributes, Kind, Span, doing, wanted

_LINKS: Final = 128
"""OpenTelemetry's limit; more would be cut off by it."""


def processing(group: str, batch: Batch) -> AbstractContextManager[Span | None]:
    """Return a context manager that is the span of handling a batch.

    It is linked to what created its events. When they all belong to one trace, as they do while little happens, it
    is a part of that trace too.

    Args:
        group: the consumer group.
        batch: what is handled.
    """
    if not wanted() or not batch.records:
        return nullcontext()
    contexts = dict.fromkeys(_contexts(batch.records))
    traces = {one[3:35] for one in contexts}
    topics = sorted({record.topic() for record in batch.records})
    attributes: dict[str, str | int] = {
        "messaging.system": "kafka",
        "messaging.operation.name": "process",
        "messaging.operation.type": "process",
        "messaging.consumer.group.name": group,
        "messaging.destination.name": ",".join(topics),
        "messaging.batch.message_count": len(batch.records),
    }
    parent = next(iter(contexts)) if len(traces) == 1 else None
    name = f"process {attributes['messaging.destination.name']}"
    return doing(name, Kind.CONSUMER, attributes, parent=parent, links=list(contexts)[:_LINKS])


def committing(owner: str, database: str) -> tuple[str, Kind, Attributes]:
    """Return what ``doing`` needs for the span of a store's transaction.

    Args:
        owner: whose store.
        database: its kind, as SQLAlchemy calls it.
    """
    attributes = {"db.system.name": database, "db.namespace": owner, "db.operation.name": "COMMIT"}
    return f"COMMIT {owner}", Kind.CLIENT, attributes


def _contexts(records: Iterable[Record]) -> Iterable[str]:
    for record in records:
        for name, value in record.headers() or ():
            if name == "traceparent" and value:
                yield value.decode(errors="replace")


__all__ = ["committing", "processing"]
