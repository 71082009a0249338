"""The read models as pages ask them: asked seldom whatever the traffic, and a gap instead of an error."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from hangarstack.analytics.buckets import Window
from hangarstack.analytics.catalogue_changes import Revision
from hangarstack.analytics.journeys import FlowEdge, SessionStatistics
from hangarstack.analytics.latency import ServiceLatency
from hangarstack.analytics.popularity import AircraftViews, Companion, Trend
from hangarstack.analytics.search_insights import Choice, RisingText, SearchedText
from hangarstack.analytics.system_health import Component
from hangarstack.web.caching import FRESH_S, Fresh, Rest
from hangarstack.web.ports import ReadModels

T = TypeVar("T")

MINUTES: Final = 60
_RANKED: Final = 10
_POPULAR: Final = 500
_FLOW: Final = 10
_COMPANIONS: Final = 6
_REVISIONS: Final = 20
_KEPT_AIRCRAFT: Final = 512
_AIRCRAFT_S: Final = 2.0
_NO_SESSIONS: Final = SessionStatistics(
    sessions=0, mean_steps=0, mean_pages=0, median_duration_s=0, p90_duration_s=0, bounces=0
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AircraftInsight:
    """What the services know of one aircraft."""

    per_minute: Sequence[int]
    together: Sequence[Companion]
    history: Sequence[Revision]

    @property
    def last_hour(self) -> int:
        """Views within the last hour."""
        return sum(self.per_minute)


class Insights:
    """Every answer is at most half a second old, one aircraft's a second; safe to share between threads.

    Args:
        models: the read models.
        clock: monotonic seconds.
        rest: of the database, shared with what else is read from it.
    """

    def __init__(
        self, models: ReadModels, *, clock: Callable[[], float] = time.monotonic, rest: Rest | None = None
    ) -> None:
        self._models = models
        self._clock = clock
        self._rest = rest or Rest(clock)
        self._aircraft: dict[str, Fresh[AircraftInsight]] = {}
        fresh = self._fresh
        no_totals: Mapping[str, int] = {}
        no_errors: Mapping[str, float] = {}
        self.totals = fresh("totals", models.totals, no_totals)
        self.popular = fresh("popular", lambda: models.top_aircraft(Window.HOUR, _POPULAR), _none(AircraftViews))
        self.trending = fresh("trending", lambda: models.trending(_RANKED), _none(Trend))
        self.per_minute = fresh("views per minute", lambda: models.views_per_minute(MINUTES), _none(int))
        self.active = fresh("active sessions", models.active_sessions, 0)
        self.sessions = fresh("sessions", models.session_statistics, _NO_SESSIONS)
        self.flow = fresh("page flow", lambda: models.page_flow(_FLOW), _none(FlowEdge))
        self.searches = fresh("top searches", lambda: models.top_searches(Window.DAY, _RANKED), _none(SearchedText))
        self.rising = fresh("rising searches", lambda: models.rising_searches(Window.HOUR, _RANKED), _none(RisingText))
        self.zero = fresh(
            "searches without result", lambda: models.zero_result_searches(Window.DAY, _RANKED), _none(SearchedText)
        )
        self.chosen = fresh("chosen results", lambda: models.chosen_after(_RANKED), _none(Choice))
        self.components = fresh("components", models.components, _none(Component))
        self.errors = fresh("errors", models.errors_per_minute, no_errors)
        self.latencies = fresh("latencies", models.latencies, _none(ServiceLatency))
        self.changes = fresh("latest changes", lambda: models.latest_changes(_RANKED), _none(Revision))

    def aircraft(self, aircraft_id: str) -> AircraftInsight:
        """Return what is known of one aircraft; ask only for ids that the catalogue has."""
        kept = self._aircraft.get(aircraft_id)
        if kept is None:
            if len(self._aircraft) >= _KEPT_AIRCRAFT:
                self._aircraft.clear()
            nothing = AircraftInsight(per_minute=(), together=(), history=())
            kept = self._aircraft[aircraft_id] = self._fresh(
                "aircraft", lambda: self._read_aircraft(aircraft_id), nothing, ttl_s=_AIRCRAFT_S
            )
        return kept.get()

    def _read_aircraft(self, aircraft_id: str) -> AircraftInsight:
        models = self._models
        return AircraftInsight(
            per_minute=models.views_per_minute(MINUTES, aircraft_id),
            together=models.viewed_together(aircraft_id, _COMPANIONS),
            history=models.history(aircraft_id, _REVISIONS),
        )

    def _fresh(self, name: str, load: Callable[[], T], fallback: T, *, ttl_s: float = FRESH_S) -> Fresh[T]:
        return Fresh(name, load, fallback, ttl_s=ttl_s, clock=self._clock, rest=self._rest)


def _none(_kind: type[T]) -> Sequence[T]:
    """Return no rows, of the type that a caller expects."""
    nothing: tuple[Any, ...] = ()
    return nothing
