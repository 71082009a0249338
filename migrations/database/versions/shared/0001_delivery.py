"""What the consumer runtime keeps in every service's store; each service's read models build on it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001_delivery"
down_revision = None


def upgrade() -> None:
    """Create what ``hangarstack.consumers.runtime`` writes."""
    op.create_table(
        "consumer_offsets",
        sa.Column("cluster_id", sa.Text, primary_key=True),
        sa.Column("topic_id", sa.Text, primary_key=True),
        sa.Column("partition", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("next_offset", sa.BigInteger, nullable=False),
        sa.Column("dead_in_row", sa.Integer, nullable=False),
    )
    op.create_table(
        "seen_events",
        sa.Column("event_id", sa.LargeBinary(16), primary_key=True),
        sa.Column("seen_s", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_seen_events_seen_s", "seen_events", ["seen_s"])
    op.create_table(
        "applied_events",
        sa.Column("event_type", sa.Text, primary_key=True),
        sa.Column("total", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "dead_letters",
        sa.Column("topic", sa.Text, primary_key=True),
        sa.Column("total", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "event_latency",
        sa.Column("event_type", sa.Text, primary_key=True),
        sa.Column("le_ms", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("total", sa.BigInteger, nullable=False),
    )
