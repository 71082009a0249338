"""What a run did, and whether the platform counted it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from hangarstack.simulate.client import Outcome


@dataclass(slots=True)
class Tally:
    """Outcomes as they come in; not thread-safe."""

    requests: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    accepted: Counter[str] = field(default_factory=Counter)
    retries: int = 0
    seconds: list[float] = field(default_factory=list)

    def hear(self, outcome: Outcome) -> None:
        """Add one outcome."""
        self.requests[outcome.kind.value] += 1
        self.statuses[outcome.status] += 1
        self.accepted.update(outcome.accepted)
        self.retries += outcome.retries
        if outcome.status:
            self.seconds.append(outcome.seconds)

    @property
    def unanswered(self) -> int:
        """Requests that nobody answered within the visitors' patience."""
        return self.statuses[0]


def percentile(values: list[float], share: float) -> float:
    """Return the smallest value that at least ``share`` (0 to 1) of them do not exceed; 0 for none."""
    if not values:
        return 0.0
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -(-int(share * 1_000_000) * len(ordered) // 1_000_000) - 1))]


def histogram_percentile(bounds_ms: list[float], counts: list[int], share: float) -> float | None:
    """Return a percentile of a histogram in milliseconds, linear within its bucket; None when it is empty.

    Args:
        bounds_ms: the upper bound of each bucket, ascending; the last may be infinite.
        counts: events in each bucket, not cumulative.
        share: 0 to 1.
    """
    total = sum(counts)
    if total == 0:
        return None
    rank, below, low = share * total, 0, 0.0
    for bound, count in zip(bounds_ms, counts, strict=True):
        if count and below + count >= rank:
            return low if bound == float("inf") else low + (bound - low) * (rank - below) / count
        below += count
        low = bound
    return low
