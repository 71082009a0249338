"""Search insights: what is searched, what rises, what finds nothing, and what was chosen.

Kept by the service ``search-insights`` from ``SearchQuery`` and from ``AircraftView.search_id``. Minute rows are
kept for 48 hours, hour rows for 90 days, day rows for ever; which aircraft a text led to is kept for 90 days
after it was last chosen.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Engine,
    Index,
    Integer,
    MetaData,
    Select,
    Table,
    Text,
    case,
    func,
    select,
)

from hangarstack.analytics.buckets import Window
from hangarstack.store.failures import reading

METADATA: Final = MetaData()

SEARCHES: Final = Table(
    "searches",
    METADATA,
    Column("grain", Integer, primary_key=True, autoincrement=False),
    Column("bucket", BigInteger, primary_key=True, autoincrement=False),
    Column("text", Text, primary_key=True),
    Column("searches", BigInteger, nullable=False),
    Column("empty", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""How often each text was searched, and how often it found nothing, in each bucket of each grain."""

SEARCH_LINKS: Final = Table(
    "search_links",
    METADATA,
    Column("search_id", Text, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("text", Text, nullable=True),
    Index("ix_search_links_at", "at"),
)
"""The text of each recent search; null while only a view that it led to is known. ``at`` in seconds."""

SEARCH_CHOICES: Final = Table(
    "search_choices",
    METADATA,
    Column("search_id", Text, primary_key=True),
    Column("aircraft_id", Text, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Index("ix_search_choices_at", "at"),
    sqlite_with_rowid=False,
)
"""Which aircraft each recent search led to, each one once. ``at`` in seconds."""

CHOSEN: Final = Table(
    "chosen",
    METADATA,
    Column("text", Text, primary_key=True),
    Column("aircraft_id", Text, primary_key=True),
    Column("times", BigInteger, nullable=False),
    Column("last_at", BigInteger, nullable=False),
    Index("ix_chosen_times", "times"),
    Index("ix_chosen_last_at", "last_at"),
    sqlite_with_rowid=False,
)
"""How many searches of a text led to an aircraft; ``last_at`` in seconds."""

_MOST: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchedText:
    """A text, how often it was searched, and how often it found nothing."""

    text: str
    searches: int
    empty: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RisingText:
    """A text that is searched more than in the period before."""

    text: str
    searches: int
    before: int

    @property
    def growth(self) -> float:
        """By how much it grew: 1.0 is twice as often; a text that is new counts as grown from one search."""
        return (self.searches - self.before) / max(self.before, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """How many searches of a text led to an aircraft."""

    text: str
    aircraft_id: str
    times: int


def top_searches(
    source: Engine | Connection, *, window: Window, now: datetime, limit: int = 20
) -> tuple[SearchedText, ...]:
    """Return the texts searched most in a window, most first; equal counts by text.

    Args:
        source: the store of ``search_insights``.
        window: which time span; ``EVER`` is not kept and finds nothing.
        now: its end.
        limit: at most so many, 1 to 500.

    Raises:
        StoreError: the store cannot be read.
    """
    count = func.sum(SEARCHES.c.searches)
    return _texts(source, _within(window, now).order_by(count.desc(), SEARCHES.c.text), limit)


def zero_result_searches(
    source: Engine | Connection, *, window: Window, now: datetime, limit: int = 20
) -> tuple[SearchedText, ...]:
    """Return the texts that found nothing most often in a window; arguments and errors as ``top_searches``."""
    nothing = func.sum(SEARCHES.c.empty)
    query = _within(window, now).having(nothing > 0).order_by(nothing.desc(), SEARCHES.c.text)
    return _texts(source, query, limit)


def rising_searches(
    source: Engine | Connection, *, window: Window, now: datetime, limit: int = 20
) -> tuple[RisingText, ...]:
    """Return the texts searched more often than in the window before, greatest rise in number first.

    Args:
        source: the store of ``search_insights``.
        window: the time span, compared with the one of the same length before it.
        now: its end.
        limit: at most so many, 1 to 500.

    Raises:
        StoreError: the store cannot be read.
    """
    first, last = window.bounds(now)
    earliest, _ = window.bounds(now, back=1)
    current = func.sum(case((SEARCHES.c.bucket >= first, SEARCHES.c.searches), else_=0))
    before = func.sum(case((SEARCHES.c.bucket < first, SEARCHES.c.searches), else_=0))
    query = (
        select(SEARCHES.c.text, current, before)
        .where(SEARCHES.c.grain == window.grain, SEARCHES.c.bucket.between(earliest, last))
        .group_by(SEARCHES.c.text)
        .having(current > before)
        .order_by((current - before).desc(), SEARCHES.c.text)
        .limit(min(limit, _MOST))
    )
    with reading(source) as connection:
        return tuple(
            RisingText(text=text, searches=int(now_), before=int(then))
            for text, now_, then in connection.execute(query)
        )


def chosen_after(source: Engine | Connection, *, text: str | None = None, limit: int = 20) -> tuple[Choice, ...]:
    """Return which aircraft searches led to, most often first.

    Args:
        source: the store of ``search_insights``.
        text: one text, as the other queries return it; None: all of them.
        limit: at most so many, 1 to 500.

    Raises:
        StoreError: the store cannot be read.
    """
    query = select(CHOSEN.c.text, CHOSEN.c.aircraft_id, CHOSEN.c.times)
    if text is not None:
        query = query.where(CHOSEN.c.text == text)
    query = query.order_by(CHOSEN.c.times.desc()).limit(min(limit, _MOST))
    with reading(source) as connection:
        return tuple(Choice(text=t, aircraft_id=a, times=n) for t, a, n in connection.execute(query))


def _within(window: Window, now: datetime) -> Select[Any]:
    first, last = window.bounds(now)
    return (
        select(SEARCHES.c.text, func.sum(SEARCHES.c.searches), func.sum(SEARCHES.c.empty))
        .where(SEARCHES.c.grain == window.grain, SEARCHES.c.bucket.between(first, last))
        .group_by(SEARCHES.c.text)
    )


def _texts(source: Engine | Connection, query: Select[Any], limit: int) -> tuple[SearchedText, ...]:
    with reading(source) as connection:
        return tuple(
            SearchedText(text=text, searches=int(searches), empty=int(empty))
            for text, searches, empty in connection.execute(query.limit(min(limit, _MOST)))
        )
