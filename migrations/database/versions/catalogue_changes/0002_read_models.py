"""History per aircraft, and invalidations."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002_read_models"
down_revision = "0001_delivery"


def upgrade() -> None:
    """Create what ``hangarstack.analytics.catalogue_changes`` reads."""
    op.create_table(
        "revisions",
        sa.Column("event_id", sa.Text, primary_key=True),
        sa.Column("aircraft_id", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("operation", sa.Text, nullable=False),
        sa.Column("occurred_us", sa.BigInteger, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=True),
        sa.Column("changes", sa.JSON, nullable=False),
    )
    op.create_index("ix_revisions_aircraft_id_version", "revisions", ["aircraft_id", "version"])
    op.create_index("ix_revisions_occurred_us", "revisions", ["occurred_us"])
    op.create_table(
        "invalidations",
        sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("aircraft_id", sa.Text, nullable=False),
    )
    op.create_table(
        "invalidation_counter",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
    )
