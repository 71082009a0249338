"""Events that commit together with the change that they report."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002_outbox"
down_revision = "0001_aircraft"


def upgrade() -> None:
    """Create what ``hangarstack.producers.outbox`` keeps."""
    op.create_table(
        "outbox_streams",
        sa.Column("fingerprint", sa.String(16), primary_key=True),
        sa.Column("description", sa.Text, nullable=False),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
        sa.Column("stream", sa.String(16), sa.ForeignKey("outbox_streams.fingerprint"), nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("attributes", sa.Text, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("accepted_us", sa.BigInteger, nullable=False),
        sqlite_autoincrement=True,
    )
