"""A small service for tests of the consumer runtime: its event, its codec, its table."""

from __future__ import annotations

import json
import sqlite3
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import Column, Connection, Engine, Integer, MetaData, Table, Text, select
from sqlalchemy.exc import OperationalError

from hangarstack.consumers.runtime.service import Received
from hangarstack.consumers.runtime.tables import APPLIED_EVENTS, CONSUMER_OFFSETS, DEAD_LETTERS, metadata
from hangarstack.errors import DecodeError, RegistryUnavailableError, SchemaNotFoundError
from hangarstack.events.runtime.codec import Codec
from hangarstack.settings import Settings
from hangarstack.store.engine import open_store
from hangarstack.store.upsert import Upsert, add

OWNER = "popularity"
POISON = "poison"
"""The service cannot apply an event of this name."""
UNKNOWN_SCHEMA = b"\x00\x00\x00\x00\x07 of an unknown schema"
UNASKED_SCHEMA = b"\x00\x00\x00\x00\x08 of a schema that was not asked for yet"
GARBAGE = b"garbage"

_tables = MetaData()
COUNTS = Table("counts", _tables, Column("name", Text, primary_key=True), Column("total", Integer, nullable=False))
_ADD = Upsert(COUNTS, total=add)


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """The event: something of that name happened."""

    name: str
    event_id: uuid.UUID = field(default_factory=uuid.uuid4)
    occurred_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def encode(self) -> bytes:
        """Return the record's value."""
        return json.dumps([str(self.event_id), self.occurred_at.timestamp(), self.name]).encode()


def codec(topic: str) -> Codec[Thing]:
    """Return a codec of which the runtime asks nothing but the topic."""
    return Codec(
        event_type=Thing,
        name="Thing",
        topic=topic,
        subject=f"{topic}-value",
        version=1,
        key=lambda thing: thing.name,
        encode=Thing.encode,
        decoders={},
        versions={1: '"string"'},
    )


class ThingDecoder:
    """Decodes ``Thing``; knows a few values that go wrong."""

    def __init__(self) -> None:
        self.registry_is_away = True
        """Until it is back, ``UNASKED_SCHEMA`` cannot be decoded; then it is a ``Thing`` named late."""
        self.schema_is_unknown = True
        """Until it is known, ``UNKNOWN_SCHEMA`` cannot be decoded; then it is a ``Thing`` named known."""

    def decode(self, topic: str, value: bytes) -> Thing:
        if value == UNKNOWN_SCHEMA:
            if not self.schema_is_unknown:
                return Thing(name="known")
            raise SchemaNotFoundError("there is no schema 7", where=topic)
        if value == UNASKED_SCHEMA:
            if self.registry_is_away:
                raise RegistryUnavailableError("no answer", where=topic)
            return Thing(name="late")
        try:
            event_id, at, name = json.loads(value)
        except ValueError as error:
            raise DecodeError("not a thing", where=topic) from error
        return Thing(event_id=uuid.UUID(event_id), occurred_at=datetime.fromtimestamp(at, UTC), name=name)


class CountingService:
    """Counts things by name; fails where it is told to."""

    name = "counting"
    owner = OWNER

    def __init__(self, *topics: str, name: str = "counting") -> None:
        self.name = name
        self.codecs = tuple(codec(topic) for topic in topics)
        self.batches: list[list[str]] = []
        self.outages = 0
        """So many of the next batches find the database gone."""
        self.outage_at: int | None = None
        """The batch of this number, from 1 on, finds the database gone."""
        self.failures = 0
        """So many of the next batches fail for no reason."""
        self.digests_poison = False
        """Whether it is a release that can apply poison."""
        self.during: Callable[[], None] = lambda: None
        """Called within each batch."""

    def apply(self, tx: Connection, events: Sequence[Received]) -> None:
        names = [received.event.name for received in events]
        self.batches.append(names)
        self.during()
        _ADD.run(tx, [{"name": name, "total": total} for name, total in Counter(names).items()])
        if self.outages or len(self.batches) == self.outage_at:
            self.outages = max(0, self.outages - 1)
            raise OperationalError("UPDATE counts", {}, _gone())
        if self.failures:
            self.failures -= 1
            raise ValueError("no reason")
        if POISON in names and not self.digests_poison:
            raise ValueError("cannot digest poison")


def _gone() -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("disk I/O error")
    # The driver names the code itself; an error made by hand has none.
    error.sqlite_errorname = "SQLITE_IOERR"
    return error


def open_counts(settings: Settings) -> Engine:
    """Return the store of the counting service, its tables made."""
    engine = open_store(settings, OWNER)
    with engine.begin() as tx:
        metadata.create_all(tx)
        _tables.create_all(tx)
    return engine


def counts(engine: Engine) -> dict[str, int]:
    """Return how often each thing was counted."""
    with engine.connect() as connection:
        return dict(connection.execute(select(COUNTS.c.name, COUNTS.c.total)).all())


def totals(engine: Engine) -> tuple[int, int]:
    """Return the events applied and the records dead-lettered, as the runtime counts them."""
    with engine.connect() as connection:
        applied = connection.execute(select(APPLIED_EVENTS.c.total)).scalars()
        dead = connection.execute(select(DEAD_LETTERS.c.total)).scalars()
        return sum(applied), sum(dead)


def handled(engine: Engine) -> int:
    """Return how many records are behind the stored positions, all partitions together."""
    with engine.connect() as connection:
        return sum(connection.execute(select(CONSUMER_OFFSETS.c.next_offset)).scalars())
