"""How long events take from ``occurred_at`` to the commit of their effect, per service, since the beginning."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from sqlalchemy import Connection, Engine, text

from hangarstack.analytics.totals import SERVICE_OWNERS
from hangarstack.store.failures import reading

BOUNDS_MS: Final = (
    *(1, 2, 5, 10, 15, 20, 25, 30, 40, 50, 60, 75, 100, 125, 150, 200, 300, 500, 750),
    *(1000, 2500, 5000, 10_000, 30_000, 60_000, 300_000),
)
"""Upper bounds of the buckets that the consumer runtime keeps, in milliseconds; what is greater is over them all."""

# The consumer runtime keeps this table in each store; this room does not know the runtime, only its table.
_COUNTS = text("SELECT le_ms, sum(total) FROM event_latency GROUP BY le_ms")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceLatency:
    """How long one service's events took.

    Attributes:
        service: its name, such as ``search-insights``.
        bounds_ms: ``counts[i]`` events took at most ``bounds_ms[i]``, and more than the bound before; the last
            bound is infinite.
        counts: events per bucket.
        p50_ms: half of the events took at most so long; None before the first event.
        p99_ms: the same for 99 of 100.
    """

    service: str
    bounds_ms: Sequence[float]
    counts: Sequence[int]
    p50_ms: float | None
    p99_ms: float | None


def latency(source: Engine | Connection, service: str) -> ServiceLatency:
    """Return one service's histogram.

    Args:
        source: the service's store.
        service: its name, for the answer.

    Raises:
        StoreError: the store cannot be read.
    """
    with reading(source) as connection:
        # PostgreSQL sums to Decimal.
        stored = {le_ms: int(total) for le_ms, total in connection.execute(_COUNTS)}
    counts = [stored.pop(bound, 0) for bound in BOUNDS_MS]
    counts.append(sum(stored.values()))
    return ServiceLatency(
        service=service,
        bounds_ms=(*BOUNDS_MS, math.inf),
        counts=tuple(counts),
        p50_ms=quantile(counts, 0.5),
        p99_ms=quantile(counts, 0.99),
    )


def latencies(engines: Mapping[str, Engine | Connection]) -> tuple[ServiceLatency, ...]:
    """Return every service's histogram.

    Args:
        engines: the store of each of ``totals.SERVICE_OWNERS``.

    Raises:
        StoreError: a store cannot be read.
    """
    return tuple(latency(engines[owner], owner.replace("_", "-")) for owner in SERVICE_OWNERS)


def quantile(counts: Sequence[int], share: float) -> float | None:
    """Return the time in ms within which a share of the events was done, as if each bucket were evenly filled.

    Args:
        counts: events per bucket of ``BOUNDS_MS``, then those over the greatest bound.
        share: 0 to 1.

    Returns:
        None when there are no events; the greatest bound when the answer is over it.
    """
    wanted = share * sum(counts)
    if not wanted:
        return None
    below = 0
    for count, (low, high) in zip(counts, pairwise((0, *BOUNDS_MS)), strict=False):
        if count and below + count >= wanted:
            return low + (high - low) * (wanted - below) / count
        below += count
    return float(BOUNDS_MS[-1])


__all__ = ["BOUNDS_MS", "ServiceLatency", "latencies", "latency", "quantile"]
