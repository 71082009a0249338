"""The tables that the runtime keeps in each service's store, beside the service's own.

They are the same in SQLite and PostgreSQL. A database migration of each owner creates them, or ``consume`` for a
service that brings its own tables.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, Table, Text

metadata: Final = MetaData()

CONSUMER_OFFSETS: Final = Table(
    "consumer_offsets",
    metadata,
    Column("cluster_id", Text, primary_key=True),
    Column("topic_id", Text, primary_key=True),
    Column("partition", Integer, primary_key=True, autoincrement=False),
    Column("topic", Text, nullable=False),
    Column("next_offset", BigInteger, nullable=False),
    Column("dead_in_row", Integer, nullable=False),
)
"""Where each partition goes on: the truth about positions.

Keyed by cluster and topic id, because a broker may be replaced and a topic made anew. ``dead_in_row`` counts
the dead letters since the partition's last good record; it outlives restarts, so that a supervisor which
starts a stopped service again does not drain the topic bit by bit.
"""

SEEN_EVENTS: Final = Table(
    "seen_events",
    metadata,
    Column("event_id", LargeBinary(16), primary_key=True),
    Column("log", LargeBinary(4), nullable=False),
    Column("seen_s", BigInteger, nullable=False),
    Index("ix_seen_events_log_seen_s", "log", "seen_s"),
    sqlite_with_rowid=False,
)
"""The events applied within the dedupe window: id, from which partition (a checksum), when (seconds since 1970)."""

APPLIED_EVENTS: Final = Table(
    "applied_events",
    metadata,
    Column("event_type", Text, primary_key=True),
    Column("total", BigInteger, nullable=False),
)
"""Events applied since the beginning, each once, by event class (``AircraftView``)."""

DEAD_LETTERS: Final = Table(
    "dead_letters",
    metadata,
    Column("topic", Text, primary_key=True),
    Column("total", BigInteger, nullable=False),
)
"""Records dead-lettered since the beginning, by the topic they came from."""

EVENT_LATENCY: Final = Table(
    "event_latency",
    metadata,
    Column("event_type", Text, primary_key=True),
    Column("le_ms", BigInteger, primary_key=True, autoincrement=False),
    Column("total", BigInteger, nullable=False),
)
"""From ``occurred_at`` to the commit, since the beginning: ``total`` events took at most ``le_ms`` milliseconds
and more than the next smaller ``le_ms``; ``latency.OVER`` stands for more than the greatest bound.
"""

WRITTEN_LETTERS: Final = Table(
    "written_letters",
    metadata,
    Column("cluster_id", Text, primary_key=True),
    Column("topic_id", Text, primary_key=True),
    Column("partition", Integer, primary_key=True, autoincrement=False),
    Column("record_offset", BigInteger, primary_key=True, autoincrement=False),
    Column("timestamp_ms", BigInteger, nullable=False),
)
"""The latest records of each partition that have a dead letter, and when they were written; a rebuild keeps it."""

__all__ = [
    "APPLIED_EVENTS",
    "CONSUMER_OFFSETS",
    "DEAD_LETTERS",
    "EVENT_LATENCY",
    "SEEN_EVENTS",
    "WRITTEN_LETTERS",
    "metadata",
]
