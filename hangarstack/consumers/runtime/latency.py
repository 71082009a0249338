"""How long events take from ``occurred_at`` to the commit of their effect: a histogram per event class."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection

from hangarstack.consumers.runtime.service import Received
from hangarstack.consumers.runtime.tables import EVENT_LATENCY
from hangarstack.store.upsert import Upsert, add

BOUNDS_MS: Final = (
    *(1, 2, 5, 10, 15, 20, 25, 30, 40, 50, 60, 75, 100, 125, 150, 200, 300, 500, 750),
    *(1000, 2500, 5000, 10_000, 30_000, 60_000, 300_000),
)
"""Upper bounds of the buckets, in milliseconds."""
OVER: Final = 2**53
"""Stands for no upper bound, in ``event_latency.le_ms``."""

_ADD = Upsert(EVENT_LATENCY, total=add)
_SAVE_EVERY_S: Final = 1.0
_ALL_BOUNDS: Final = (*BOUNDS_MS, OVER)

Counts = Counter[tuple[str, int]]
"""Events by class name and upper bound."""


class LatencyHistogram:
    """Counts in memory and adds to the table about once a second.

    What was not saved yet when the process dies is missing in the table: it is a measurement, not an account.
    """

    def __init__(self) -> None:
        self.counts: Counts = Counter()
        """All that this process has observed."""
        self.total_us: Counter[str] = Counter()
        """The sum of all latencies that this process has observed, in microseconds, by class name."""
        self._unsaved: Counts = Counter()
        self._save_at = 0.0

    def observe(self, applied: Sequence[Received], committed_at: float) -> None:
        """Count events whose effect was committed at that time (seconds since 1970)."""
        batch: Counts = Counter()
        for one in applied:
            event = one.event
            name = type(event).__name__
            # Clocks of two machines differ: an event from the future took no time.
            took_ms = max(0.0, 1000.0 * (committed_at - event.occurred_at.timestamp()))
            batch[name, _ALL_BOUNDS[bisect_left(BOUNDS_MS, took_ms)]] += 1
            self.total_us[name] += int(1000.0 * took_ms)
        self.counts.update(batch)
        self._unsaved.update(batch)

    def due(self, now: float) -> bool:
        """Tell whether there is something to save and the last time is long enough ago (monotonic seconds)."""
        return bool(self._unsaved) and now >= self._save_at

    def save(self, tx: Connection, now: float) -> None:
        """Add what was observed to the table; ``saved`` must follow when the transaction has committed."""
        self._save_at = now + _SAVE_EVERY_S
        rows = [{"event_type": name, "le_ms": bound, "total": n} for (name, bound), n in self._unsaved.items()]
        _ADD.run(tx, rows)

    def saved(self) -> None:
        """Note that what ``save`` has written is committed."""
        self._unsaved.clear()


__all__ = ["BOUNDS_MS", "OVER", "LatencyHistogram"]
