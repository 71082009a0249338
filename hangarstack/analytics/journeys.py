"""Journeys: sessions, how visitors move from page to page, and who is here now.

Kept by the service ``journeys`` from ``UserActivity``. A session is kept for 90 days after it was last seen,
page flow for ever.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import fmean, quantiles
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Engine,
    Index,
    MetaData,
    Row,
    Table,
    Text,
    func,
    select,
)

from hangarstack.analytics.buckets import Grain, instant, micros, seconds
from hangarstack.store.failures import reading

METADATA: Final = MetaData()

SESSIONS: Final = Table(
    "sessions",
    METADATA,
    Column("session_id", Text, primary_key=True),
    Column("started_us", BigInteger, nullable=False),
    Column("last_seen_us", BigInteger, nullable=False),
    Column("steps", BigInteger, nullable=False),
    Column("pages", BigInteger, nullable=False),
    Column("entry_page", Text, nullable=False),
    Column("last_page", Text, nullable=False),
    Index("ix_sessions_last_seen_us", "last_seen_us"),
)
"""One row per session: ``steps`` counts its activities, ``pages`` those that were page views."""

PAGE_FLOW: Final = Table(
    "page_flow",
    METADATA,
    Column("day", BigInteger, primary_key=True, autoincrement=False),
    Column("from_page", Text, primary_key=True),
    Column("to_page", Text, primary_key=True),
    Column("transitions", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""How often a page view followed another one, per day; ``from_page`` is empty where a session began."""

ACTIVE_S: Final = 300
"""A session seen within so many seconds is active."""

_MOST: Final = 500
_SAMPLE: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowEdge:
    """How often visitors went from one page to another; ``from_page`` None: they arrived there."""

    from_page: str | None
    to_page: str
    transitions: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One visitor's journey."""

    session_id: str
    started: datetime
    last_seen: datetime
    steps: int
    pages: int
    entry_page: str
    last_page: str

    @property
    def duration_s(self) -> float:
        """Seconds from its first activity to its last."""
        return (self.last_seen - self.started).total_seconds()


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionStatistics:
    """What the latest sessions were like; zeros where there were none.

    ``bounces`` is the share, 0 to 1, that saw one page only.
    """

    sessions: int
    mean_steps: float
    mean_pages: float
    median_duration_s: float
    p90_duration_s: float
    bounces: float


def active_now(source: Engine | Connection, *, now: datetime, within_s: int = ACTIVE_S) -> int:
    """Return how many sessions did something in the last ``within_s`` seconds.

    Args:
        source: the store of ``journeys``.
        now: the end of that time.
        within_s: its length.

    Raises:
        StoreError: the store cannot be read.
    """
    since = micros(now - timedelta(seconds=within_s))
    query = select(func.count()).select_from(SESSIONS).where(SESSIONS.c.last_seen_us > since)
    with reading(source) as connection:
        return connection.execute(query).scalar_one()


def page_flow(source: Engine | Connection, *, now: datetime, days: int = 1, limit: int = 50) -> tuple[FlowEdge, ...]:
    """Return the most used ways from page to page, most used first.

    Args:
        source: the store of ``journeys``.
        now: falls in the last day.
        days: how many days (UTC), today included.
        limit: at most so many, 1 to 500.

    Raises:
        StoreError: the store cannot be read.
    """
    last = Grain.DAY.start(seconds(now))
    total = func.sum(PAGE_FLOW.c.transitions).label("total")
    query = (
        select(PAGE_FLOW.c.from_page, PAGE_FLOW.c.to_page, total)
        .where(PAGE_FLOW.c.day.between(last - (days - 1) * Grain.DAY, last))
        .group_by(PAGE_FLOW.c.from_page, PAGE_FLOW.c.to_page)
        .order_by(total.desc(), PAGE_FLOW.c.from_page, PAGE_FLOW.c.to_page)
        .limit(min(limit, _MOST))
    )
    with reading(source) as connection:
        return tuple(
            FlowEdge(from_page=origin or None, to_page=target, transitions=int(count))
            for origin, target, count in connection.execute(query)
        )


def recent_sessions(source: Engine | Connection, *, limit: int = 20) -> tuple[Session, ...]:
    """Return the sessions that were seen last, latest first.

    Args:
        source: the store of ``journeys``.
        limit: at most so many, 1 to 500.

    Raises:
        StoreError: the store cannot be read.
    """
    query = select(SESSIONS).order_by(SESSIONS.c.last_seen_us.desc()).limit(min(limit, _MOST))
    with reading(source) as connection:
        return tuple(_session(row) for row in connection.execute(query))


def session_statistics(
    source: Engine | Connection, *, now: datetime, within: timedelta = timedelta(days=1)
) -> SessionStatistics:
    """Return what the sessions of a time span were like, by the latest 1,000 of them.

    Args:
        source: the store of ``journeys``.
        now: the end of the time span.
        within: its length.

    Raises:
        StoreError: the store cannot be read.
    """
    columns = SESSIONS.c
    query = (
        select(columns.steps, columns.pages, columns.last_seen_us - columns.started_us)
        .where(columns.last_seen_us > micros(now - within))
        .order_by(columns.last_seen_us.desc())
        .limit(_SAMPLE)
    )
    with reading(source) as connection:
        rows = connection.execute(query).all()
    if not rows:
        return SessionStatistics(
            sessions=0, mean_steps=0, mean_pages=0, median_duration_s=0, p90_duration_s=0, bounces=0
        )
    durations = [row[2] / 1e6 for row in rows]
    # quantiles() wants two points; a lone session is its own median.
    tenths = quantiles(durations, n=10, method="inclusive") if len(durations) > 1 else durations * 9
    return SessionStatistics(
        sessions=len(rows),
        mean_steps=fmean(row[0] for row in rows),
        mean_pages=fmean(row[1] for row in rows),
        median_duration_s=tenths[4],
        p90_duration_s=tenths[8],
        bounces=fmean(row[1] <= 1 for row in rows),
    )


def _session(row: Row[Any]) -> Session:
    return Session(
        session_id=row.session_id,
        started=instant(row.started_us),
        last_seen=instant(row.last_seen_us),
        steps=row.steps,
        pages=row.pages,
        entry_page=row.entry_page,
        last_page=row.last_page,
    )
