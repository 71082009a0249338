"""Views per aircraft, trends, sessions and pairs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002_read_models"
down_revision = "0001_delivery"


def upgrade() -> None:
    """Create what ``hangarstack.analytics.popularity`` reads."""
    op.create_table(
        "views",
        sa.Column("grain", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("bucket", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("aircraft_id", sa.Text, primary_key=True),
        sa.Column("views", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "trends",
        sa.Column("era", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("aircraft_id", sa.Text, primary_key=True),
        sa.Column("weight", sa.Double, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "view_sessions",
        sa.Column("session_id", sa.Text, primary_key=True),
        sa.Column("last_seen", sa.BigInteger, nullable=False),
        sa.Column("aircraft_ids", sa.JSON, nullable=False),
    )
    op.create_index("ix_view_sessions_last_seen", "view_sessions", ["last_seen"])
    op.create_table(
        "pairs",
        sa.Column("first_id", sa.Text, primary_key=True),
        sa.Column("second_id", sa.Text, primary_key=True),
        sa.Column("sessions", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_pairs_second_id", "pairs", ["second_id"])
