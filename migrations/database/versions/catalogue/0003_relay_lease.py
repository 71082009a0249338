"""Which relay delivers the outbox."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003_relay_lease"
down_revision = "0002_outbox"


def upgrade() -> None:
    """Create what ``hangarstack.producers.relay`` keeps."""
    op.create_table(
        "relay_lease",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("holder", sa.Text, nullable=False),
        sa.Column("until_us", sa.BigInteger, nullable=False),
    )
