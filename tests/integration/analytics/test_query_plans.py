from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Engine, event

from hangarstack.analytics import catalogue_changes, journeys, popularity, search_insights, system_health
from hangarstack.analytics.buckets import Grain, Window
from hangarstack.settings import Settings
from tests.support.stores import Opened

_NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)

_QUERIES: dict[str, tuple[str, Callable[[Engine], object]]] = {
    "top": ("popularity", lambda e: popularity.top_aircraft(e, window=Window.DAY, now=_NOW)),
    "series": ("popularity", lambda e: popularity.views_over_time(e, grain=Grain.MINUTE, now=_NOW)),
    "series of one": (
        "popularity",
        lambda e: popularity.views_over_time(e, grain=Grain.MINUTE, now=_NOW, aircraft_id="f-16"),
    ),
    "trending": ("popularity", lambda e: popularity.trending(e, now=_NOW)),
    "together": ("popularity", lambda e: popularity.viewed_together(e, "f-16")),
    "active": ("journeys", lambda e: journeys.active_now(e, now=_NOW)),
    "flow": ("journeys", lambda e: journeys.page_flow(e, now=_NOW)),
    "sessions": ("journeys", lambda e: journeys.recent_sessions(e)),
    "statistics": ("journeys", lambda e: journeys.session_statistics(e, now=_NOW)),
    "searches": ("search_insights", lambda e: search_insights.top_searches(e, window=Window.DAY, now=_NOW)),
    "zero": ("search_insights", lambda e: search_insights.zero_result_searches(e, window=Window.DAY, now=_NOW)),
    "rising": ("search_insights", lambda e: search_insights.rising_searches(e, window=Window.HOUR, now=_NOW)),
    "chosen": ("search_insights", lambda e: search_insights.chosen_after(e)),
    "chosen by text": ("search_insights", lambda e: search_insights.chosen_after(e, text="f16")),
    "history": ("catalogue_changes", lambda e: catalogue_changes.history(e, "f-16", before_version=9)),
    "latest": ("catalogue_changes", lambda e: catalogue_changes.latest_changes(e)),
    "invalidations": ("catalogue_changes", lambda e: catalogue_changes.invalidations_since(e, 7)),
    "components": ("system_health", lambda e: system_health.components(e, now=_NOW)),
    "rates": ("system_health", lambda e: system_health.error_rates(e, now=_NOW)),
    "errors": ("system_health", lambda e: system_health.errors_per_minute(e, now=_NOW)),
}
_ONE_ROW = "invalidation_counter"


@pytest.mark.parametrize("name", list(_QUERIES))
def test_no_query_reads_a_whole_table(name: str, sqlite_settings: Settings, opened: Opened) -> None:
    owner, ask = _QUERIES[name]
    engine = opened(sqlite_settings, owner)
    asked: list[tuple[str, Any]] = []

    @event.listens_for(engine, "before_cursor_execute")
    def _keep(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        asked.append((statement, parameters))

    ask(engine)
    selects = [(statement, parameters) for statement, parameters in asked if statement.startswith("SELECT")]
    assert selects
    with engine.connect() as connection:
        for statement, parameters in selects:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            steps = [step.detail for step in plan if not step.detail.endswith(f"SCAN {_ONE_ROW}")]
            assert not [step for step in steps if step.startswith("SCAN") and "USING" not in step], steps
