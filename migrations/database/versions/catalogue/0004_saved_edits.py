"""Which requests have been saved, so that one that is sent again is answered as the first one was."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004_saved_edits"
down_revision = "0003_relay_lease"


def upgrade() -> None:
    """Create what ``hangarstack.web.editor`` keeps."""
    op.create_table(
        "saved_edits",
        sa.Column("request", sa.String(36), primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("paths", sa.Text, nullable=False),
        sa.Column("saved_us", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_saved_edits_saved_us", "saved_edits", ["saved_us"])
