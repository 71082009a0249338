"""Aircraft records."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001_aircraft"
down_revision = None


def upgrade() -> None:
    """Create what ``hangarstack.catalogue`` keeps."""
    op.create_table(
        "aircraft",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("record", sa.Text, nullable=False),
        sa.Column("imported", sa.String(64), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
    )
