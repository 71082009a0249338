from __future__ import annotations

import math

import pytest
from sqlalchemy import Engine, text

from hangarstack.analytics.latency import BOUNDS_MS, latencies
from hangarstack.analytics.totals import SERVICE_OWNERS, Totals, totals
from hangarstack.errors import StoreSchemaError
from hangarstack.settings import Settings
from tests.support.stores import Opened


@pytest.fixture
def engines(store_settings: Settings, opened: Opened) -> dict[str, Engine]:
    return {owner: opened(store_settings, owner) for owner in SERVICE_OWNERS}


def _insert(engine: Engine, statement: str) -> None:
    with engine.begin() as tx:
        tx.execute(text(statement))


def test_empty_stores_total_to_nothing(engines: dict[str, Engine]) -> None:
    assert totals(engines) == Totals(
        aircraft_views=0, user_activities=0, search_queries=0, data_updates=0, system_events=0, dead_letters=0
    )


def test_an_event_that_two_services_read_is_counted_by_its_authority(engines: dict[str, Engine]) -> None:
    _insert(engines["popularity"], "INSERT INTO applied_events VALUES ('AircraftView', 7)")
    _insert(engines["search_insights"], "INSERT INTO applied_events VALUES ('AircraftView', 6), ('SearchQuery', 3)")
    _insert(engines["system_health"], "INSERT INTO applied_events VALUES ('SystemEvent', 1)")
    counted = totals(engines)
    assert (counted.aircraft_views, counted.search_queries, counted.system_events) == (7, 3, 1)


def test_dead_letters_are_counted_over_all_services(engines: dict[str, Engine]) -> None:
    _insert(engines["popularity"], "INSERT INTO dead_letters VALUES ('views', 2)")
    _insert(engines["search_insights"], "INSERT INTO dead_letters VALUES ('views', 1), ('searches', 4)")
    assert totals(engines).dead_letters == 7


def test_a_store_that_was_never_migrated_says_what_to_do(empty_store_settings: Settings, opened: Opened) -> None:
    engines = {owner: opened(empty_store_settings, owner) for owner in SERVICE_OWNERS}
    with pytest.raises(StoreSchemaError) as refused:
        totals(engines)
    assert "hangarstack up" in refused.value.remedy


def test_latencies_of_all_event_classes_of_a_service_are_one_histogram(engines: dict[str, Engine]) -> None:
    _insert(
        engines["search_insights"],
        "INSERT INTO event_latency VALUES ('AircraftView', 10, 90), ('SearchQuery', 10, 9), ('SearchQuery', 20, 1)",
    )
    found = {one.service: one for one in latencies(engines)}
    assert set(found) == {"popularity", "journeys", "search-insights", "catalogue-changes", "system-health"}
    insights = found["search-insights"]
    assert insights.bounds_ms == (*BOUNDS_MS, math.inf)
    assert dict(zip(insights.bounds_ms, insights.counts, strict=True))[10] == 99
    assert sum(insights.counts) == 100
    assert insights.counts[-1] == 0
    assert insights.p99_ms == pytest.approx(10.0)
    assert insights.p50_ms == pytest.approx(5 + 5 * 50 / 99)
    assert found["journeys"].p50_ms is None


def test_what_took_longer_than_the_greatest_bound_is_counted_last(engines: dict[str, Engine]) -> None:
    _insert(engines["journeys"], "INSERT INTO event_latency VALUES ('UserActivity', 9007199254740992, 5)")
    journeys = {one.service: one for one in latencies(engines)}["journeys"]
    assert journeys.counts[-1] == sum(journeys.counts) == 5
