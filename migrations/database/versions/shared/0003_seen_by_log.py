"""Note from which partition an event was seen, because each partition forgets by the time of its own records."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003_seen_by_log"
down_revision = "0002_read_models"


def upgrade() -> None:
    """Add the partition to what was seen; what was seen before has none."""
    empty = sa.text("x''" if op.get_bind().dialect.name == "sqlite" else "''")
    # The default also lets a member of the version before go on while the members are replaced one by one.
    op.add_column("seen_events", sa.Column("log", sa.LargeBinary(4), nullable=False, server_default=empty))
    op.drop_index("ix_seen_events_seen_s", "seen_events")
    op.create_index("ix_seen_events_log_seen_s", "seen_events", ["log", "seen_s"])
