"""The tables of the owner ``dead_letters``; the same in SQLite and PostgreSQL, created by a database migration."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, Integer, MetaData, Table, Text

from hangarstack.store.lease import lease_table

metadata: Final = MetaData()

REPAIRS: Final = Table(
    "repairs",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("kind", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("via", Text, nullable=False),
    Column("dry_run", Boolean, nullable=False),
    Column("selection", Text, nullable=False),
    Column("begun_us", BigInteger, nullable=False),
    Column("ended_us", BigInteger),
    Column("matched", BigInteger, nullable=False),
    Column("replayed", BigInteger, nullable=False),
    Column("quarantined", BigInteger, nullable=False),
    Column("dropped", BigInteger, nullable=False),
    Column("failed", BigInteger, nullable=False),
    Column("error", Text, nullable=False),
    sqlite_autoincrement=True,
)
"""Who did what to dead letters, when, and what came of it; without ``ended_us`` it runs, or was killed."""

HANDLED_LETTERS: Final = Table(
    "handled_letters",
    metadata,
    Column("cluster_id", Text, primary_key=True),
    Column("topic_id", Text, primary_key=True),
    Column("partition", Integer, primary_key=True, autoincrement=False),
    Column("letter_offset", BigInteger, primary_key=True, autoincrement=False),
    Column("fate", Text, nullable=False),
    Column("repair_id", BigInteger, nullable=False),
)
"""Letters that nobody waits for any more: Kafka cannot delete one record. Keyed as consumers' offsets are."""

REPAIR_LEASE: Final = lease_table("repair_lease", metadata)
"""One row while somebody replays or drops, so that nobody else does."""
