"""Searched texts, and which aircraft they led to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002_read_models"
down_revision = "0001_delivery"


def upgrade() -> None:
    """Create what ``hangarstack.analytics.search_insights`` reads."""
    op.create_table(
        "searches",
        sa.Column("grain", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("bucket", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("text", sa.Text, primary_key=True),
        sa.Column("searches", sa.BigInteger, nullable=False),
        sa.Column("empty", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "search_links",
        sa.Column("search_id", sa.Text, primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("text", sa.Text, nullable=True),
    )
    op.create_index("ix_search_links_at", "search_links", ["at"])
    op.create_table(
        "search_choices",
        sa.Column("search_id", sa.Text, primary_key=True),
        sa.Column("aircraft_id", sa.Text, primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_search_choices_at", "search_choices", ["at"])
    op.create_table(
        "chosen",
        sa.Column("text", sa.Text, primary_key=True),
        sa.Column("aircraft_id", sa.Text, primary_key=True),
        sa.Column("times", sa.BigInteger, nullable=False),
        sa.Column("last_at", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_chosen_times", "chosen", ["times"])
    op.create_index("ix_chosen_last_at", "chosen", ["last_at"])
