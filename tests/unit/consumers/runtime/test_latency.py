from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from hangarstack.analytics.latency import BOUNDS_MS as SHOWN_BOUNDS_MS
from hangarstack.consumers.runtime.latency import BOUNDS_MS, OVER
from hangarstack.consumers.runtime.tables import EVENT_LATENCY
from tests.support.consumer_fakes import Bench
from tests.support.consumers import Thing


def saved(bench: Bench) -> dict[int, int]:
    with bench.engine.connect() as connection:
        rows = connection.execute(select(EVENT_LATENCY.c.le_ms, EVENT_LATENCY.c.total))
        return {bound: total for bound, total in rows}  # noqa: C416 - rows are no pairs to mypy


def publish(bench: Bench, *ages_ms: float) -> None:
    now = datetime.fromtimestamp(bench.clock.now, UTC)
    for age in ages_ms:
        bench.log.append(Thing(name="a", occurred_at=now - timedelta(milliseconds=age)))


def test_measures_from_occurrence_to_commit_and_saves_when_nothing_more_comes(bench: Bench) -> None:
    bench.steps()
    publish(bench, 0.5, 7, 7, 99, 400_000)
    bench.pass_time(3)
    assert saved(bench) == {1: 1, 10: 2, 100: 1, OVER: 1}


def test_saves_with_the_next_batch_but_not_with_each(bench: Bench) -> None:
    bench.steps()
    for _ in range(3):
        publish(bench, 1)
        bench.steps()
    assert sum(saved(bench).values()) == 1
    bench.clock.now += 1
    publish(bench, 1)
    bench.steps()
    assert sum(saved(bench).values()) == 3


def test_an_event_from_a_clock_that_is_ahead_took_no_time(bench: Bench) -> None:
    bench.steps()
    publish(bench, -5000)
    bench.pass_time(3)
    assert saved(bench) == {1: 1}


def test_nothing_is_saved_twice_when_a_transaction_fails(bench: Bench) -> None:
    bench.steps()
    publish(bench, 1)
    bench.steps()
    bench.clock.now += 2
    bench.service.outages = 2
    publish(bench, 1)
    bench.pass_time(10)
    assert sum(saved(bench).values()) == 2


def test_a_restart_adds_to_what_was_saved(bench: Bench) -> None:
    bench.steps()
    publish(bench, 1)
    bench.pass_time(3)
    publish(bench, 1)
    bench.pass_time(3)
    assert saved(bench) == {1: 2}


def test_prometheus_shows_the_same(bench: Bench) -> None:
    bench.steps()
    publish(bench, 7, 7, 99, 400_000)
    bench.steps()
    assert bench.metric("event_latency_seconds_bucket", event_type="Thing", le="0.005") == 0
    assert bench.metric("event_latency_seconds_bucket", event_type="Thing", le="0.01") == 2
    assert bench.metric("event_latency_seconds_bucket", event_type="Thing", le="300.0") == 3
    assert bench.metric("event_latency_seconds_bucket", event_type="Thing", le="+Inf") == 4
    assert bench.metric("event_latency_seconds_count", event_type="Thing") == 4
    assert 400 < bench.metric("event_latency_seconds_sum", event_type="Thing") < 401


def test_the_pages_know_the_same_bounds() -> None:
    assert SHOWN_BOUNDS_MS == BOUNDS_MS
