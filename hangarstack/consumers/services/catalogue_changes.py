"""Catalogue changes: keeps each aircraft's history and numbers what web processes must read again."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, delete, insert
from sqlalchemy.dialects import postgresql, sqlite

from hangarstack.analytics.buckets import micros
from hangarstack.analytics.catalogue_changes import (
    INVALIDATION_COUNTER,
    INVALIDATIONS,
    KEPT_INVALIDATIONS,
    REVISIONS,
)
from hangarstack.consumers.runtime.service import Received
from hangarstack.consumers.services.reads import Reads
from hangarstack.events import DATA_UPDATE, DataUpdate
from hangarstack.store.upsert import Upsert

_KEEP_REVISION = Upsert(REVISIONS)


class CatalogueChanges:
    """The service ``catalogue-changes``: authority on ``DataUpdate``."""

    name = "catalogue-changes"
    owner = "catalogue_changes"
    codecs = (DATA_UPDATE,)
    reads = (
        Reads(
            codec=DATA_UPDATE,
            fields=(
                "event_id",
                "occurred_at",
                "aircraft_id",
                "operation",
                "version",
                "changes.path",
                "changes.before",
                "changes.after",
                "actor",
                "reason",
            ),
        ),
    )

    def apply(self, tx: Connection, events: Sequence[Received]) -> None:
        """Note a batch of changes and tell web processes which aircraft to read again."""
        updates: list[DataUpdate] = [received.event for received in events]
        _KEEP_REVISION.run(tx, [_revision(update) for update in updates])
        _invalidate(tx, list(dict.fromkeys(update.aircraft_id for update in updates)))


def _revision(update: DataUpdate) -> dict[str, Any]:
    return {
        "event_id": str(update.event_id),
        "aircraft_id": update.aircraft_id,
        "version": update.version,
        "operation": str(update.operation.value),
        "occurred_us": micros(update.occurred_at),
        "actor": update.actor,
        "reason": update.reason,
        "changes": [[change.path, change.before, change.after] for change in update.changes],
    }


def _invalidate(tx: Connection, aircraft_ids: Sequence[str]) -> None:
    last = _next_numbers(tx, len(aircraft_ids))
    first = last - len(aircraft_ids) + 1
    tx.execute(
        insert(INVALIDATIONS),
        [{"seq": first + index, "aircraft_id": one} for index, one in enumerate(aircraft_ids)],
    )
    tx.execute(delete(INVALIDATIONS).where(INVALIDATIONS.c.seq <= last - KEPT_INVALIDATIONS))


def _next_numbers(tx: Connection, count: int) -> int:
    make = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
    # A store made anew numbers far from where the one before was, so that who knew that one reads everything again.
    came = make(INVALIDATION_COUNTER).values(id=1, seq=time.time_ns() // 1000 + count)
    counted = came.on_conflict_do_update(
        index_elements=[INVALIDATION_COUNTER.c.id],
        set_={"seq": INVALIDATION_COUNTER.c.seq + count},
    )
    return int(tx.execute(counted.returning(INVALIDATION_COUNTER.c.seq)).scalar_one())


__all__ = ["CatalogueChanges"]
