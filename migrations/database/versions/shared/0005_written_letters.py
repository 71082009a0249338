"""Keep where the latest dead letters' records were, so that a rebuild makes none be written twice."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005_written_letters"
down_revision = "0004_keep_seen_before"


def upgrade() -> None:
    """Create the table; letters that were written before are not in it."""
    op.create_table(
        "written_letters",
        sa.Column("cluster_id", sa.Text, primary_key=True),
        sa.Column("topic_id", sa.Text, primary_key=True),
        sa.Column("partition", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("record_offset", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("timestamp_ms", sa.BigInteger, nullable=False),
    )
