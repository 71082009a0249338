"""The outbox: events that commit together with the change that they report, in the ``catalogue`` store.

A relay delivers them in the order of ``id`` and deletes each after its acknowledgement.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    func,
    select,
)

from hangarstack.events import CODECS
from hangarstack.producers.headers import headers_of, to_text
from hangarstack.producers.routes import Route, route_of, routes_of
from hangarstack.producers.spans import created
from hangarstack.store.upsert import Upsert

SOURCE: Final = "catalogue"
"""Who accepts the events of the outbox, as CloudEvents is told."""
CHANNEL: Final = "hangarstack_outbox"
"""PostgreSQL's channel on which an append wakes the relay."""

metadata: Final = MetaData()

OUTBOX_STREAMS: Final = Table(
    "outbox_streams",
    metadata,
    Column("fingerprint", String(16), primary_key=True),
    Column("description", Text, nullable=False),
)
"""Topic, subject and writer schema that events refer to, so that a relay of another version can deliver them."""

OUTBOX: Final = Table(
    "outbox",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("stream", String(16), ForeignKey(OUTBOX_STREAMS.c.fingerprint), nullable=False),
    Column("key", Text, nullable=False),
    Column("attributes", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("accepted_us", BigInteger, nullable=False),
    # Without it SQLite would give the id of a deleted event to the next one.
    sqlite_autoincrement=True,
)
"""Events to deliver: record key, headers of the event (a line each), Avro body, microseconds since 1970."""

_note_stream = Upsert(OUTBOX_STREAMS)


def append(tx: Connection, event: object, *, traceparent: str | None = None) -> None:
    """Add an event to the outbox within the caller's transaction.

    Call it after the statement that writes the change: the row lock that this holds is what orders the events of
    one key when two transactions run at once.

    Args:
        tx: an open transaction on the ``catalogue`` store.
        event: a generated event.
        traceparent: W3C trace context of the request; a malformed one is left out.

    Raises:
        EncodeError: a value does not fit its field, or the class has no codec.
        EventTooLargeError: larger than a topic takes.
    """
    route = route_of(_routes(), event)
    with created(route.stream, event, traceparent) as context:
        key, body = route.pack(event)
        fingerprint = f"{route.stream.fingerprint:016x}"
        _note_stream.run(tx, [{"fingerprint": fingerprint, "description": route.stream.text}])
        tx.execute(
            OUTBOX.insert().values(
                stream=fingerprint,
                key=key.decode(),
                attributes=to_text(headers_of(event, context)),
                body=body,
                accepted_us=time.time_ns() // 1000,
            )
        )
        if tx.dialect.name == "postgresql":
            tx.execute(select(func.pg_notify(CHANNEL, "")))


@cache
def _routes() -> Mapping[type[Any], Route]:
    return routes_of(CODECS, SOURCE)
