"""Catalogue changes: the history of each aircraft, and what web processes must read again.

Kept by the service ``catalogue-changes`` from ``DataUpdate``. The history is kept for ever, the latest 10,000
invalidations.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Connection,
    Engine,
    Index,
    Integer,
    MetaData,
    Row,
    Select,
    Table,
    Text,
    select,
)

from hangarstack.analytics.buckets import instant
from hangarstack.store.failures import reading

METADATA: Final = MetaData()

REVISIONS: Final = Table(
    "revisions",
    METADATA,
    Column("event_id", Text, primary_key=True),
    Column("aircraft_id", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("operation", Text, nullable=False),
    Column("occurred_us", BigInteger, nullable=False),
    Column("actor", Text, nullable=False),
    Column("reason", Text, nullable=True),
    Column("changes", JSON, nullable=False),
    Index("ix_revisions_aircraft_id_version", "aircraft_id", "version"),
    Index("ix_revisions_occurred_us", "occurred_us"),
)
"""Each change of an aircraft; ``changes`` is a list of [path, before, after]."""

INVALIDATIONS: Final = Table(
    "invalidations",
    METADATA,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("aircraft_id", Text, nullable=False),
)
"""Which aircraft to read again, numbered without a gap in the order in which they become visible."""

INVALIDATION_COUNTER: Final = Table(
    "invalidation_counter",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, nullable=False),
)
"""One row, the last number given out; numbers begin at the microseconds since 1970. Locked by its writer until the
commit, so that numbers appear in order.
"""

KEPT_INVALIDATIONS: Final = 10_000
"""Who is further behind than this must read everything again."""

_MOST: Final = 500
_MOST_INVALIDATIONS: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldRevision:
    """One field's value before and after a change; None: it was not there."""

    path: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """One change of an aircraft; ``version`` is the aircraft's after it."""

    aircraft_id: str
    version: int
    operation: str
    at: datetime
    actor: str
    reason: str | None
    changes: tuple[FieldRevision, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Invalidations:
    """Which aircraft have changed since.

    Attributes:
        seq: what to ask with the next time.
        aircraft_ids: each once; meaningless when ``everything`` is set.
        everything: the asker is too far behind: any aircraft may have changed.
    """

    seq: int
    aircraft_ids: frozenset[str]
    everything: bool


def history(
    source: Engine | Connection, aircraft_id: str, *, limit: int = 50, before_version: int | None = None
) -> tuple[Revision, ...]:
    """Return an aircraft's changes, latest version first.

    Args:
        source: the store of ``catalogue_changes``.
        aircraft_id: which aircraft.
        limit: at most so many, 1 to 500.
        before_version: only versions below this one, for the next page.

    Raises:
        StoreError: the store cannot be read.
    """
    query = select(REVISIONS).where(REVISIONS.c.aircraft_id == aircraft_id)
    if before_version is not None:
        query = query.where(REVISIONS.c.version < before_version)
    return _revisions(source, query.order_by(REVISIONS.c.version.desc()), limit)


def latest_changes(source: Engine | Connection, *, limit: int = 20) -> tuple[Revision, ...]:
    """Return the latest changes of all aircraft, latest first.

    Args:
        source: the store of ``catalogue_changes``.
        limit: at most so many, 1 to 500.

    Raises:
        StoreError: the store cannot be read.
    """
    return _revisions(source, select(REVISIONS).order_by(REVISIONS.c.occurred_us.desc()), limit)


def last_invalidation(source: Engine | Connection) -> int:
    """Return the number of the last invalidation, 0 before the first; ask before reading the catalogue.

    Args:
        source: the store of ``catalogue_changes``.

    Raises:
        StoreError: the store cannot be read.
    """
    with reading(source) as connection:
        return connection.execute(select(INVALIDATION_COUNTER.c.seq)).scalar_one_or_none() or 0


def invalidations_since(source: Engine | Connection, seq: int) -> Invalidations:
    """Return which aircraft were changed after the invalidation ``seq``, by at most 1,000 invalidations.

    Cheap enough to ask every second: nothing new is one look-up.

    Args:
        source: the store of ``catalogue_changes``.
        seq: what the last answer, or ``last_invalidation``, said.

    Raises:
        StoreError: the store cannot be read.
    """
    columns = INVALIDATIONS.c
    query = (
        select(columns.seq, columns.aircraft_id)
        .where(columns.seq > seq)
        .order_by(columns.seq)
        .limit(_MOST_INVALIDATIONS)
    )
    with reading(source) as connection:
        rows = connection.execute(query).all()
        if rows and rows[0].seq == seq + 1:
            return Invalidations(
                seq=rows[-1].seq, aircraft_ids=frozenset(row.aircraft_id for row in rows), everything=False
            )
        last = last_invalidation(connection)
    # A gap: pruned, or made anew; so is a store whose last number is behind.
    return Invalidations(seq=last, aircraft_ids=frozenset(), everything=last != seq)


def _revisions(source: Engine | Connection, query: Select[Any], limit: int) -> tuple[Revision, ...]:
    with reading(source) as connection:
        return tuple(_revision(row) for row in connection.execute(query.limit(min(limit, _MOST))))


def _revision(row: Row[Any]) -> Revision:
    return Revision(
        aircraft_id=row.aircraft_id,
        version=row.version,
        operation=row.operation,
        at=instant(row.occurred_us),
        actor=row.actor,
        reason=row.reason,
        changes=tuple(FieldRevision(path=path, before=old, after=new) for path, old, new in row.changes),
    )
