"""How large batches get, and how often they come."""

from __future__ import annotations

from typing import Final

_LEAST: Final = 16
_MOST: Final = 1000
_LONG_S: Final = 0.5
_SHORT_S: Final = 0.1
_REST_S: Final = 0.025
"""Measured: at 200 events/s, 10 ms cost each service half as much again in processor time."""
_LONGEST_REST_S: Final = 0.04
_REST_PER_WORK: Final = 2.0


class Pace:
    """Adapts batches to what they cost.

    The first event after a pause is handled at once. Under load a short rest between batches lets records
    gather, so that a transaction is shared by more of them: longer when transactions take long, because the
    machine is busy then. When catching up, full batches follow one another.
    """

    def __init__(self) -> None:
        self.limit = _MOST // 4
        """Most records of the next batch."""
        self._closes_at = 0.0

    def gather_s(self, now: float) -> float:
        """Return for how many seconds from ``now`` on (monotonic) the next batch should gather records."""
        return max(0.0, self._closes_at - now)

    def note(self, size: int, started: float, ended: float) -> None:
        """Learn from a batch: its records, and when its handling started and ended on the monotonic clock."""
        took, full = ended - started, size >= self.limit
        if took > _LONG_S:
            self.limit = max(_LEAST, self.limit // 2)
        elif full and took < _SHORT_S:
            self.limit = min(_MOST, self.limit * 2)
        rest = 0.0 if full else min(_LONGEST_REST_S, max(_REST_S, _REST_PER_WORK * took))
        self._closes_at = ended + rest


__all__ = ["Pace"]
