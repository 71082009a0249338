"""What was counted since the beginning, over all services."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, Engine, text

from hangarstack.store.failures import reading

AUTHORITIES: Final[Mapping[str, tuple[str, str]]] = {
    "aircraft_views": ("popularity", "AircraftView"),
    "user_activities": ("journeys", "UserActivity"),
    "search_queries": ("search_insights", "SearchQuery"),
    "data_updates": ("catalogue_changes", "DataUpdate"),
    "system_events": ("system_health", "SystemEvent"),
}
"""Per total, whose store counts it and under which event class: an event that two services read is counted once."""

SERVICE_OWNERS: Final = tuple(owner for owner, _ in AUTHORITIES.values())
"""The owners whose stores ``totals`` reads."""

# The consumer runtime keeps these tables in each store; this room does not know the runtime, only its tables.
_APPLIED = text("SELECT total FROM applied_events WHERE event_type = :event_type")
_DEAD = text("SELECT sum(total) FROM dead_letters")


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Events applied since the beginning, each once, and records that could not be."""

    aircraft_views: int
    user_activities: int
    search_queries: int
    data_updates: int
    system_events: int
    dead_letters: int


def totals(engines: Mapping[str, Engine | Connection]) -> Totals:
    """Return what every service has counted.

    Args:
        engines: the store of each of ``SERVICE_OWNERS``.

    Raises:
        StoreError: a store cannot be read.
    """
    counts: dict[str, int] = {}
    dead = 0
    for name, (owner, event_type) in AUTHORITIES.items():
        with reading(engines[owner]) as connection:
            counts[name] = connection.execute(_APPLIED, {"event_type": event_type}).scalar_one_or_none() or 0
            # PostgreSQL sums to Decimal.
            dead += int(connection.execute(_DEAD).scalar_one() or 0)
    return Totals(**counts, dead_letters=dead)


__all__ = ["AUTHORITIES", "SERVICE_OWNERS", "Totals", "totals"]
