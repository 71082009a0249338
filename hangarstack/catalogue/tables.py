"""The catalogue's table; created by the ``catalogue`` revisions of ``migrations/database/``."""

from __future__ import annotations

from sqlalchemy import Column, DateTime, Integer, MetaData, String, Table, Text

metadata = MetaData()

aircraft = Table(
    "aircraft",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("record", Text, nullable=False),
    Column(
        "imported",
        String(64),
        nullable=False,
        doc="SHA-256 of the file's record, to import only what changed.",
    ),
    Column("updated_at", DateTime(timezone=True), nullable=False),
)
