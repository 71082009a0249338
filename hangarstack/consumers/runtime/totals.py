"""Counts since the beginning, for the pages: events applied and records dead-lettered."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection

from hangarstack.consumers.runtime.tables import APPLIED_EVENTS, DEAD_LETTERS
from hangarstack.store.upsert import Upsert, add

_ADD_APPLIED = Upsert(APPLIED_EVENTS, total=add)
_ADD_DEAD = Upsert(DEAD_LETTERS, total=add)


def count(tx: Connection, applied: Mapping[str, int], dead: Mapping[str, int]) -> None:
    """Add a batch to the totals; the last statement of its transaction, because all members share these rows.

    Args:
        tx: the transaction that also holds the effect.
        applied: events applied, by class name.
        dead: records dead-lettered, by topic.
    """
    _ADD_APPLIED.run(tx, [{"event_type": name, "total": total} for name, total in applied.items()])
    _ADD_DEAD.run(tx, [{"topic": topic, "total": total} for topic, total in dead.items()])


__all__ = ["count"]
