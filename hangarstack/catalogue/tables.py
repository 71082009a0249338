"""The catalogue's tables; created by the ``catalogue`` revisions of ``migrations/database/``."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, DateTime, Integer, MetaData, String, Table, Text

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

saved_edits = Table(
    "saved_edits",
    metadata,
    Column("request", String(36), primary_key=True, doc="The id of the request that asked for the edit."),
    Column("version", Integer, nullable=False, doc="The aircraft's version after it."),
    Column("paths", Text, nullable=False, doc="The dotted paths of the changed fields, a JSON list."),
    Column("saved_us", BigInteger, nullable=False, index=True, doc="Microseconds since 1970."),
)
"""Edits whose requests have keys, so that one whose answer was lost is not refused when it is sent again."""
