"""The read models in their stores."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

from sqlalchemy import Engine

from hangarstack.analytics import (
    catalogue_changes,
    journeys,
    latency,
    popularity,
    search_insights,
    system_health,
    totals,
)
from hangarstack.analytics.buckets import Grain, Window
from hangarstack.web.ports import Now, utc_now


class StoredReadModels:
    """Asks the stores; every method blocks on one query and may raise StoreError.

    Args:
        engines: the store of each owner of ``totals.SERVICE_OWNERS``.
        now: the time.
    """

    def __init__(self, engines: Mapping[str, Engine], now: Now = utc_now) -> None:
        self._engines = engines
        self._now = now
        self._popularity = engines["popularity"]
        self._journeys = engines["journeys"]
        self._searches = engines["search_insights"]
        self._changes = engines["catalogue_changes"]
        self._health = engines["system_health"]

    def totals(self) -> Mapping[str, int]:
        """Return events counted since the beginning."""
        return dataclasses.asdict(totals.totals(self._engines))

    def top_aircraft(self, window: Window, limit: int) -> Sequence[popularity.AircraftViews]:
        """Return the most viewed aircraft of a window."""
        return popularity.top_aircraft(self._popularity, window=window, now=self._now(), limit=limit)

    def trending(self, limit: int) -> Sequence[popularity.Trend]:
        """Return the aircraft with the greatest decayed views."""
        return popularity.trending(self._popularity, now=self._now(), limit=limit)

    def views_per_minute(self, minutes: int, aircraft_id: str | None = None) -> Sequence[int]:
        """Return the views of each of the last minutes, oldest first."""
        rows = popularity.views_over_time(
            self._popularity, grain=Grain.MINUTE, now=self._now(), count=minutes, aircraft_id=aircraft_id
        )
        return [row.views for row in rows]

    def viewed_together(self, aircraft_id: str, limit: int) -> Sequence[popularity.Companion]:
        """Return what visitors of an aircraft looked at too."""
        return popularity.viewed_together(self._popularity, aircraft_id, limit=limit)

    def active_sessions(self) -> int:
        """Return how many visitors are here now."""
        return journeys.active_now(self._journeys, now=self._now())

    def page_flow(self, limit: int) -> Sequence[journeys.FlowEdge]:
        """Return today's most used ways from page to page."""
        return journeys.page_flow(self._journeys, now=self._now(), limit=limit)

    def session_statistics(self) -> journeys.SessionStatistics:
        """Return what today's sessions were like."""
        return journeys.session_statistics(self._journeys, now=self._now())

    def top_searches(self, window: Window, limit: int) -> Sequence[search_insights.SearchedText]:
        """Return what is searched most."""
        return search_insights.top_searches(self._searches, window=window, now=self._now(), limit=limit)

    def rising_searches(self, window: Window, limit: int) -> Sequence[search_insights.RisingText]:
        """Return what is searched more than in the window before."""
        return search_insights.rising_searches(self._searches, window=window, now=self._now(), limit=limit)

    def zero_result_searches(self, window: Window, limit: int) -> Sequence[search_insights.SearchedText]:
        """Return what is searched and not found."""
        return search_insights.zero_result_searches(self._searches, window=window, now=self._now(), limit=limit)

    def chosen_after(self, limit: int) -> Sequence[search_insights.Choice]:
        """Return which aircraft searches led to."""
        return search_insights.chosen_after(self._searches, limit=limit)

    def components(self) -> Sequence[system_health.Component]:
        """Return the state of each part of the platform."""
        return system_health.components(self._health, now=self._now())

    def errors_per_minute(self) -> Mapping[str, float]:
        """Return each component's errors a minute."""
        return system_health.errors_per_minute(self._health, now=self._now())

    def latencies(self) -> Sequence[latency.ServiceLatency]:
        """Return how long each service's events took."""
        return latency.latencies(self._engines)

    def history(self, aircraft_id: str, limit: int) -> Sequence[catalogue_changes.Revision]:
        """Return an aircraft's changes, latest first."""
        return catalogue_changes.history(self._changes, aircraft_id, limit=limit)

    def latest_changes(self, limit: int) -> Sequence[catalogue_changes.Revision]:
        """Return the latest changes of all aircraft."""
        return catalogue_changes.latest_changes(self._changes, limit=limit)

    def last_invalidation(self) -> int:
        """Return the number of the last change of the catalogue."""
        return catalogue_changes.last_invalidation(self._changes)

    def invalidations_since(self, seq: int) -> catalogue_changes.Invalidations:
        """Return which aircraft have changed since."""
        return catalogue_changes.invalidations_since(self._changes, seq)
