"""Sessions and page flow."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002_read_models"
down_revision = "0001_delivery"


def upgrade() -> None:
    """Create what ``hangarstack.analytics.journeys`` reads."""
    op.create_table(
        "sessions",
        sa.Column("session_id", sa.Text, primary_key=True),
        sa.Column("started_us", sa.BigInteger, nullable=False),
        sa.Column("last_seen_us", sa.BigInteger, nullable=False),
        sa.Column("steps", sa.BigInteger, nullable=False),
        sa.Column("pages", sa.BigInteger, nullable=False),
        sa.Column("entry_page", sa.Text, nullable=False),
        sa.Column("last_page", sa.Text, nullable=False),
    )
    op.create_index("ix_sessions_last_seen_us", "sessions", ["last_seen_us"])
    op.create_table(
        "page_flow",
        sa.Column("day", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("from_page", sa.Text, primary_key=True),
        sa.Column("to_page", sa.Text, primary_key=True),
        sa.Column("transitions", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
