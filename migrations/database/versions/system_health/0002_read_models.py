"""Instances, and their events per minute."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002_read_models"
down_revision = "0001_delivery"


def upgrade() -> None:
    """Create what ``hangarstack.analytics.system_health`` reads."""
    op.create_table(
        "instances",
        sa.Column("component", sa.Text, primary_key=True),
        sa.Column("instance", sa.Text, primary_key=True),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("seen_us", sa.BigInteger, nullable=False),
        sa.Column("started_us", sa.BigInteger, nullable=True),
        sa.Column("message", sa.Text, nullable=True),
        sa.Column("metrics", sa.JSON, nullable=True),
        sa.Column("error_us", sa.BigInteger, nullable=True),
        sa.Column("error", sa.JSON, nullable=True),
    )
    op.create_index("ix_instances_seen_us", "instances", ["seen_us"])
    op.create_table(
        "health_minutes",
        sa.Column("bucket", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("component", sa.Text, primary_key=True),
        sa.Column("events", sa.BigInteger, nullable=False),
        sa.Column("errors", sa.BigInteger, nullable=False),
        sa.Column("starts", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
