"""System health: what state each part of the platform is in, and how often it fails.

Kept by the service ``system-health`` from ``SystemEvent``. Minute rows are kept for 48 hours, an instance for
24 hours after it was last heard of. Whether an instance is stale is decided when asked, not stored.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import (
    JSON,
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

from hangarstack.analytics.buckets import Grain, bucket_time, instant, micros, seconds
from hangarstack.store.failures import reading

METADATA: Final = MetaData()

INSTANCES: Final = Table(
    "instances",
    METADATA,
    Column("component", Text, primary_key=True),
    Column("instance", Text, primary_key=True),
    Column("state", Text, nullable=False),
    Column("seen_us", BigInteger, nullable=False),
    Column("started_us", BigInteger, nullable=True),
    Column("message", Text, nullable=True),
    Column("metrics", JSON(none_as_null=True), nullable=True),
    Column("error_us", BigInteger, nullable=True),
    Column("error", JSON(none_as_null=True), nullable=True),
    Index("ix_instances_seen_us", "seen_us"),
)
"""The newest that each process said of itself; ``error`` is [class, message, remedy]."""

HEALTH_MINUTES: Final = Table(
    "health_minutes",
    METADATA,
    Column("bucket", BigInteger, primary_key=True, autoincrement=False),
    Column("component", Text, primary_key=True),
    Column("events", BigInteger, nullable=False),
    Column("errors", BigInteger, nullable=False),
    Column("starts", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""Per component and minute: events, those of severity ERROR or CRITICAL, and starts."""

STALE_S: Final = 45
"""An instance that was not heard of for so many seconds (three heartbeats) is stale."""
KEPT_S: Final = 24 * 3600
"""An instance that was not heard of for so many seconds is forgotten."""

_MOST: Final = 200
_MOST_POINTS: Final = 20_000


class State(StrEnum):
    """What state an instance, or the best of a component's instances, is in."""

    RUNNING = "running"
    STALE = "stale"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedError:
    """The last error that an instance reported."""

    at: datetime
    error_class: str
    message: str
    remedy: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """One process of a component; ``started`` None: it was already running when reports began."""

    instance: str
    state: State
    seen: datetime
    started: datetime | None
    message: str
    metrics: Mapping[str, float]
    error: ReportedError | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """A part of the platform: running while any of its instances runs."""

    component: str
    state: State
    instances: tuple[Instance, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorRate:
    """What a component reported in the minute that begins at ``at``."""

    component: str
    at: datetime
    events: int
    errors: int
    starts: int


def components(source: Engine | Connection, *, now: datetime, stale_s: float = STALE_S) -> tuple[Component, ...]:
    """Return every component that was heard of in the last day, in order of name, newest instance first.

    Args:
        source: the store of ``system_health``.
        now: decides what is stale.
        stale_s: silence of so many seconds makes a running instance stale.

    Raises:
        StoreError: the store cannot be read.
    """
    columns = INSTANCES.c
    query = (
        select(INSTANCES)
        .where(columns.seen_us > micros(now - timedelta(seconds=KEPT_S)))
        .order_by(columns.seen_us.desc())
        .limit(_MOST)
    )
    stale_before = micros(now - timedelta(seconds=stale_s))
    found: defaultdict[str, list[Instance]] = defaultdict(list)
    with reading(source) as connection:
        for row in connection.execute(query):
            found[row.component].append(_instance(row, stale_before))
    best_first = list(State)
    return tuple(
        Component(
            component=name,
            state=min((i.state for i in found[name]), key=best_first.index),
            instances=tuple(found[name]),
        )
        for name in sorted(found)
    )


def error_rates(source: Engine | Connection, *, now: datetime, minutes: int = 60) -> tuple[ErrorRate, ...]:
    """Return what each component reported in each of the last minutes in which it reported anything.

    Args:
        source: the store of ``system_health``.
        now: falls in the last minute.
        minutes: how many minutes, 1 to 1,440.

    Raises:
        StoreError: the store cannot be read.
    """
    columns = HEALTH_MINUTES.c
    last = Grain.MINUTE.start(seconds(now))
    query = (
        select(columns.component, columns.bucket, columns.events, columns.errors, columns.starts)
        .where(columns.bucket.between(last - (min(minutes, 1440) - 1) * Grain.MINUTE, last))
        .order_by(columns.bucket, columns.component)
        .limit(_MOST_POINTS)
    )
    with reading(source) as connection:
        return tuple(
            ErrorRate(component=name, at=bucket_time(bucket), events=events, errors=errors, starts=starts)
            for name, bucket, events, errors, starts in connection.execute(query)
        )


def errors_per_minute(source: Engine | Connection, *, now: datetime, minutes: int = 5) -> Mapping[str, float]:
    """Return each component's mean errors per minute, for those that reported anything; as ``error_rates``."""
    columns = HEALTH_MINUTES.c
    last = Grain.MINUTE.start(seconds(now))
    query = (
        select(columns.component, func.sum(columns.errors))
        .where(columns.bucket.between(last - (minutes - 1) * Grain.MINUTE, last))
        .group_by(columns.component)
        .order_by(columns.component)
        .limit(_MOST)
    )
    with reading(source) as connection:
        return {name: int(errors) / minutes for name, errors in connection.execute(query)}


def _instance(row: Row[Any], stale_before: int) -> Instance:
    state = State(row.state)
    if state is State.RUNNING and row.seen_us < stale_before:
        state = State.STALE
    error = None
    if row.error is not None:
        error_class, message, remedy = row.error
        error = ReportedError(at=instant(row.error_us), error_class=error_class, message=message, remedy=remedy)
    return Instance(
        instance=row.instance,
        state=state,
        seen=instant(row.seen_us),
        started=None if row.started_us is None else instant(row.started_us),
        message=row.message or "",
        metrics=row.metrics or {},
        error=error,
    )
