"""Popularity: views per aircraft over time, what is trending, and what is viewed together.

Kept by the service ``popularity`` from ``AircraftView``. Minute rows are kept for 48 hours, hour rows for
90 days, day rows and totals for ever.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Connection,
    Double,
    Engine,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    case,
    func,
    select,
    union_all,
)

from hangarstack.analytics.buckets import Grain, Window, bucket_time, seconds
from hangarstack.store.failures import reading

METADATA: Final = MetaData()

VIEWS: Final = Table(
    "views",
    METADATA,
    Column("grain", Integer, primary_key=True, autoincrement=False),
    Column("bucket", BigInteger, primary_key=True, autoincrement=False),
    Column("aircraft_id", Text, primary_key=True),
    Column("views", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""Views per aircraft in each bucket of each grain."""

TRENDS: Final = Table(
    "trends",
    METADATA,
    Column("era", BigInteger, primary_key=True, autoincrement=False),
    Column("aircraft_id", Text, primary_key=True),
    Column("weight", Double, nullable=False),
    sqlite_with_rowid=False,
)
"""Per era the sum of 2^((viewed at - start of the era) / half-life): a sum, so the order of views is all the same."""

VIEW_SESSIONS: Final = Table(
    "view_sessions",
    METADATA,
    Column("session_id", Text, primary_key=True),
    Column("last_seen", BigInteger, nullable=False),
    Column("aircraft_ids", JSON, nullable=False),
    Index("ix_view_sessions_last_seen", "last_seen"),
)
"""The different aircraft that each recent session has viewed; ``last_seen`` in seconds."""

PAIRS: Final = Table(
    "pairs",
    METADATA,
    Column("first_id", Text, primary_key=True),
    Column("second_id", Text, primary_key=True),
    Column("sessions", BigInteger, nullable=False),
    Index("ix_pairs_second_id", "second_id"),
    sqlite_with_rowid=False,
)
"""In how many sessions two aircraft were both viewed; ``first_id`` sorts before ``second_id``."""

HALF_LIFE_S: Final = 3600
"""After so many seconds a view counts half as much in ``trending``."""
ERA_S: Final = 12 * HALF_LIFE_S
"""Length of an era: short enough that 2^(ERA_S / HALF_LIFE_S) is a small number."""
ERAS: Final = 4
"""How many eras count: what is older weighs less than 2^-36 of a view."""
SESSION_AIRCRAFT: Final = 20
"""How many different aircraft of one session are paired: at most 190 pairs a session."""

_MOST: Final = 500
_MOST_POINTS: Final = 1500


@dataclass(frozen=True, slots=True, kw_only=True)
class AircraftViews:
    """How often one aircraft was viewed."""

    aircraft_id: str
    views: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewsAt:
    """How many views began in the bucket that starts at ``at``."""

    at: datetime
    views: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """An aircraft's views, each halved for every hour that has passed since."""

    aircraft_id: str
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Companion:
    """An aircraft that was viewed in ``sessions`` sessions that viewed another one too."""

    aircraft_id: str
    sessions: int


def top_aircraft(
    source: Engine | Connection, *, window: Window, now: datetime, limit: int = 20
) -> tuple[AircraftViews, ...]:
    """Return the most viewed aircraft of a window, most first; equal counts by id.

    Args:
        source: the store of ``popularity``.
        window: which time span.
        now: its end.
        limit: at most so many, 1 to 500.

    Raises:
        StoreError: the store cannot be read.
    """
    first, last = window.bounds(now)
    total = func.sum(VIEWS.c.views).label("total")
    query = (
        select(VIEWS.c.aircraft_id, total)
        .where(VIEWS.c.grain == window.grain, VIEWS.c.bucket.between(first, last))
        .group_by(VIEWS.c.aircraft_id)
        .order_by(total.desc(), VIEWS.c.aircraft_id)
        .limit(min(limit, _MOST))
    )
    with reading(source) as connection:
        rows = connection.execute(query)
        return tuple(AircraftViews(aircraft_id=aircraft, views=int(views)) for aircraft, views in rows)


def views_over_time(
    source: Engine | Connection,
    *,
    grain: Grain,
    now: datetime,
    count: int = 60,
    aircraft_id: str | None = None,
) -> tuple[ViewsAt, ...]:
    """Return the last ``count`` buckets in order of time, those without views too.

    Args:
        source: the store of ``popularity``.
        grain: minutes, hours or days.
        now: falls in the last bucket.
        count: how many buckets, 1 to 1,500.
        aircraft_id: one aircraft; None: all of them together.

    Raises:
        StoreError: the store cannot be read.
    """
    last = grain.start(seconds(now))
    step = max(grain, 1)
    buckets = [last - step * back for back in range(min(count, _MOST_POINTS) - 1, -1, -1)]
    if aircraft_id is None:
        query = (
            select(VIEWS.c.bucket, func.sum(VIEWS.c.views))
            .where(VIEWS.c.grain == grain, VIEWS.c.bucket.between(buckets[0], last))
            .group_by(VIEWS.c.bucket)
        )
    else:
        # The list makes each bucket one look-up by primary key; a range would scan every aircraft's rows.
        query = select(VIEWS.c.bucket, VIEWS.c.views).where(
            VIEWS.c.grain == grain, VIEWS.c.bucket.in_(buckets), VIEWS.c.aircraft_id == aircraft_id
        )
    with reading(source) as connection:
        found = {bucket: int(views) for bucket, views in connection.execute(query)}
    return tuple(ViewsAt(at=bucket_time(bucket), views=found.get(bucket, 0)) for bucket in buckets)


def trending(source: Engine | Connection, *, now: datetime, limit: int = 20) -> tuple[Trend, ...]:
    """Return the aircraft with the greatest decayed views, greatest first.

    Args:
        source: the store of ``popularity``.
        now: the time to which views are decayed.
        limit: at most so many, 1 to 500.

    Raises:
        StoreError: the store cannot be read.
    """
    at = seconds(now)
    era = at - at % ERA_S
    factors = {start: 2.0 ** ((start - at) / HALF_LIFE_S) for start in range(era, era - ERAS * ERA_S, -ERA_S)}
    score = func.sum(TRENDS.c.weight * case(factors, value=TRENDS.c.era)).label("score")
    query = (
        select(TRENDS.c.aircraft_id, score)
        .where(TRENDS.c.era.in_(list(factors)))
        .group_by(TRENDS.c.aircraft_id)
        .order_by(score.desc(), TRENDS.c.aircraft_id)
        .limit(min(limit, _MOST))
    )
    with reading(source) as connection:
        return tuple(Trend(aircraft_id=aircraft, score=s) for aircraft, s in connection.execute(query))


def viewed_together(source: Engine | Connection, aircraft_id: str, *, limit: int = 10) -> tuple[Companion, ...]:
    """Return the aircraft that sessions which viewed this one viewed too, most often first.

    Args:
        source: the store of ``popularity``.
        aircraft_id: the aircraft whose companions are wanted.
        limit: at most so many, 1 to 500.

    Raises:
        StoreError: the store cannot be read.
    """
    both = union_all(
        select(PAIRS.c.second_id.label("other"), PAIRS.c.sessions).where(PAIRS.c.first_id == aircraft_id),
        select(PAIRS.c.first_id.label("other"), PAIRS.c.sessions).where(PAIRS.c.second_id == aircraft_id),
    ).subquery()
    query = (
        select(both.c.other, both.c.sessions).order_by(both.c.sessions.desc(), both.c.other).limit(min(limit, _MOST))
    )
    with reading(source) as connection:
        return tuple(Companion(aircraft_id=other, sessions=n) for other, n in connection.execute(query))
