"""Keep what was seen before partitions were noted for a window from now on, whichever partition is ahead."""

from __future__ import annotations

import time

import sqlalchemy as sa
from alembic import op

revision = "0004_keep_seen_before"
down_revision = "0003_seen_by_log"


def upgrade() -> None:
    """Count what was seen from no partition in particular as seen now."""
    # Such a row goes with whichever partition is pruned, so the one that is furthest ahead would forget what a slower
    # one has still to read again.
    seen = sa.table("seen_events", sa.column("log", sa.LargeBinary), sa.column("seen_s", sa.BigInteger))
    now = int(time.time())
    op.execute(seen.update().where(seen.c.log == sa.bindparam("none", b""), seen.c.seen_s < now).values(seen_s=now))
