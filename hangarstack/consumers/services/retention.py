"""Deleting what is too old, a little at a time, so that no batch waits long for it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Column, ColumnElement, Connection, delete, func, select

from hangarstack.consumers.runtime.service import Received

MINUTES_KEPT_S = 48 * 3600
HOURS_KEPT_S = 90 * 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What to delete from one table.

    Args:
        column: an indexed column that tells a row's time.
        keep_s: rows younger than so many seconds stay.
        slice_s: one call deletes at most so many seconds' worth of rows, oldest first.
        unit: the column's units per second: 1, or 1,000,000 for microseconds.
        where: which rows of the table the rule is about.
    """

    column: Column[int]
    keep_s: int
    slice_s: int = 3600
    unit: int = 1
    where: tuple[ColumnElement[bool], ...] = ()

    def prune(self, tx: Connection, now: float) -> None:
        """Delete the oldest slice of what is too old at ``now`` (seconds since 1970)."""
        cutoff = (int(now) - self.keep_s) * self.unit
        oldest = tx.execute(select(func.min(self.column)).where(*self.where)).scalar_one()
        if oldest is not None and oldest < cutoff:
            end = min(cutoff, oldest + self.slice_s * self.unit)
            tx.execute(delete(self.column.table).where(self.column < end, *self.where))


class Retention:
    """Applies rules now and then, within the transaction of a batch.

    Time is that of the newest event of the batch, so that replaying old events keeps what they need and forgets it
    again as it did when they were new; but never in the future, whatever a wrong clock wrote into an event.

    Args:
        rules: what to delete.
        every_s: seconds of that time between two prunings; the first batch prunes.
        clock: seconds since 1970.
    """

    def __init__(self, *rules: Rule, every_s: float = 60.0, clock: Callable[[], float] = time.time) -> None:
        self._rules = rules
        self._every_s = every_s
        self._clock = clock
        self._due = 0.0

    def prune_when_due(self, tx: Connection, events: Sequence[Received]) -> None:
        """Delete one slice per rule, if that was not done within the last ``every_s`` seconds.

        Args:
            tx: the batch's transaction.
            events: the batch, at least one event.
        """
        newest = max(received.event.occurred_at for received in events).timestamp()
        now = min(self._clock(), newest)
        if now < self._due:
            return
        self._due = now + self._every_s
        for rule in self._rules:
            rule.prune(tx, now)


__all__ = ["HOURS_KEPT_S", "MINUTES_KEPT_S", "Retention", "Rule"]
