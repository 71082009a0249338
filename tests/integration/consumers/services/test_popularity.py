from __future__ import annotations

import threading
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from itertools import combinations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select

from hangarstack.analytics.buckets import Grain, Window
from hangarstack.analytics.popularity import (
    HALF_LIFE_S,
    METADATA,
    SESSION_AIRCRAFT,
    TRENDS,
    VIEW_SESSIONS,
    VIEWS,
    AircraftViews,
    Companion,
    top_aircraft,
    trending,
    viewed_together,
    views_over_time,
)
from hangarstack.consumers.services.popularity import SESSIONS_KEPT_S, Popularity
from hangarstack.events import AircraftView
from tests.integration.consumers.services.harness import Harness, Start, at_now
from tests.integration.consumers.services.made import NOW, ago, received, view


@pytest.fixture
def popularity(start: Start) -> Harness:
    return start(lambda: Popularity(clock=at_now))


def _top(popularity: Harness, window: Window) -> dict[str, int]:
    rows = top_aircraft(popularity.engine, window=window, now=NOW)
    return {row.aircraft_id: row.views for row in rows}


def test_an_empty_store_answers_with_nothing(popularity: Harness) -> None:
    assert top_aircraft(popularity.engine, window=Window.EVER, now=NOW) == ()
    assert trending(popularity.engine, now=NOW) == ()
    assert viewed_together(popularity.engine, "f-16") == ()
    assert [point.views for point in views_over_time(popularity.engine, grain=Grain.HOUR, now=NOW, count=3)] == [0] * 3


def test_views_count_in_every_window_that_holds_them(popularity: Harness) -> None:
    popularity.apply(
        view("f-16"), view("f-16", at=ago(minutes=59)), view("f-16", at=ago(hours=20)), view("f-16", at=ago(days=6))
    )
    popularity.apply(view("su-27", at=ago(days=29)), view("su-27", at=ago(days=400)))
    assert _top(popularity, Window.HOUR) == {"f-16": 2}
    assert _top(popularity, Window.DAY) == {"f-16": 3}
    assert _top(popularity, Window.WEEK) == {"f-16": 4}
    assert _top(popularity, Window.MONTH) == {"f-16": 4, "su-27": 1}
    assert _top(popularity, Window.EVER) == {"f-16": 4, "su-27": 2}


def test_the_most_viewed_come_first_and_ties_by_id(popularity: Harness) -> None:
    popularity.apply(*(view(aircraft) for aircraft in ("b", "c", "c", "a")))
    rows = top_aircraft(popularity.engine, window=Window.HOUR, now=NOW, limit=2)
    assert rows == (AircraftViews(aircraft_id="c", views=2), AircraftViews(aircraft_id="a", views=1))


@pytest.mark.parametrize(
    ("grain", "step"), [(Grain.MINUTE, {"minutes": 1}), (Grain.HOUR, {"hours": 1}), (Grain.DAY, {"days": 1})]
)
def test_a_series_has_a_point_for_every_bucket(popularity: Harness, grain: Grain, step: dict[str, float]) -> None:
    back = timedelta(**step)
    popularity.apply(view("f-16"), view("su-27"), view("f-16", at=NOW - 2 * back), view("f-16", at=NOW - 3 * back))
    one = views_over_time(popularity.engine, grain=grain, now=NOW, count=3, aircraft_id="f-16")
    everything = views_over_time(popularity.engine, grain=grain, now=NOW, count=3)
    assert [point.views for point in one] == [1, 0, 1]
    assert [point.views for point in everything] == [1, 0, 2]
    assert one[2].at - one[1].at == back
    assert one[2].at <= NOW < one[2].at + back


def test_a_view_weighs_half_after_a_half_life(popularity: Harness) -> None:
    popularity.apply(view("old", at=ago(seconds=HALF_LIFE_S)), view("new"))
    scores = {trend.aircraft_id: trend.score for trend in trending(popularity.engine, now=NOW)}
    assert scores == pytest.approx({"new": 1.0, "old": 0.5})


def test_many_old_views_trend_less_than_few_new_ones(popularity: Harness) -> None:
    popularity.apply(*(view("old", at=ago(hours=5)) for _ in range(30)), view("new", at=ago(minutes=5)))
    assert [trend.aircraft_id for trend in trending(popularity.engine, now=NOW)] == ["new", "old"]


def test_what_was_viewed_days_ago_does_not_trend(popularity: Harness) -> None:
    popularity.apply(view("old", at=ago(days=3)))
    assert trending(popularity.engine, now=NOW) == ()


def test_pairs_count_sessions_not_views(popularity: Harness) -> None:
    popularity.apply(view("a", "s1"), view("b", "s1"), view("a", "s1"))
    popularity.apply(view("b", "s1"), view("a", "s2"), view("b", "s2"), view("c", "s2"))
    assert viewed_together(popularity.engine, "a") == (
        Companion(aircraft_id="b", sessions=2),
        Companion(aircraft_id="c", sessions=1),
    )
    assert viewed_together(popularity.engine, "c", limit=1) == (Companion(aircraft_id="a", sessions=1),)


def test_a_session_is_paired_up_to_a_bound(popularity: Harness) -> None:
    popularity.apply(*(view(f"a{n:02}") for n in range(2 * SESSION_AIRCRAFT)))
    popularity.apply(*(view(f"b{n:02}") for n in range(5)))
    assert len(viewed_together(popularity.engine, "a00", limit=500)) == SESSION_AIRCRAFT - 1
    assert viewed_together(popularity.engine, "b00") == ()


def test_two_members_that_see_one_session_at_once_miss_no_pair(popularity: Harness) -> None:
    other = threading.Thread(target=popularity.apply, args=(view("b", "s1"),))
    with popularity.engine.begin() as tx:
        popularity.service.apply(tx, [received(view("a", "s1"))])
        other.start()
        other.join(0.2)
    other.join()
    assert viewed_together(popularity.engine, "a") == (Companion(aircraft_id="b", sessions=1),)


def test_old_rows_are_deleted_slice_by_slice(start: Start) -> None:
    clock = NOW.timestamp()
    popularity = start(lambda: Popularity(clock=lambda: clock))
    popularity.apply(*(view("f-16", f"s{hours}", at=ago(hours=hours)) for hours in range(0, 96, 6)))
    for _ in range(60):
        clock += 61
        popularity.apply(view("f-16", "s0", at=datetime.fromtimestamp(clock, UTC)))
    with popularity.engine.connect() as connection:
        oldest_minute = connection.execute(select(func.min(VIEWS.c.bucket)).where(VIEWS.c.grain == 60)).scalar_one()
        oldest_session = connection.execute(select(func.min(VIEW_SESSIONS.c.last_seen))).scalar_one()
        eras = connection.execute(select(func.count()).select_from(TRENDS)).scalar_one()
    assert oldest_minute >= clock - 49 * 3600
    assert oldest_session >= clock - SESSIONS_KEPT_S - 3600
    assert eras <= 6
    assert _top(popularity, Window.EVER) == {"f-16": 76}


def test_a_replay_of_old_events_forgets_by_their_time(start: Start) -> None:
    clock = NOW.timestamp()
    popularity = start(lambda: Popularity(clock=lambda: clock))
    for aircraft in ("a", "b"):
        popularity.apply(view(aircraft, "s1", ago(days=9)))
        clock += 61
    assert viewed_together(popularity.engine, "a") == (Companion(aircraft_id="b", sessions=1),)


def test_an_event_from_the_future_makes_nothing_old(start: Start) -> None:
    clock = NOW.timestamp()
    popularity = start(lambda: Popularity(clock=lambda: clock))
    for event in (view("a"), view("x", "s9", NOW + timedelta(days=3650)), view("b")):
        popularity.apply(event)
        clock += 61
    assert viewed_together(popularity.engine, "a") == (Companion(aircraft_id="b", sessions=1),)


_views = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "c", "d"]),
        st.sampled_from(["s1", "s2", "s3"]),
        st.integers(min_value=0, max_value=3 * 24 * 60),
    ),
    min_size=1,
    max_size=25,
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(made=_views, data=st.data())
def test_any_split_and_order_of_batches_gives_the_naive_answer(
    start: Start, made: list[tuple[str, str, int]], data: st.DataObject
) -> None:
    popularity = start(lambda: Popularity(clock=lambda: 0.0))  # nothing is ever too old
    with popularity.engine.begin() as tx:
        for table in METADATA.sorted_tables:
            tx.execute(delete(table))
    events = [view(aircraft, session, at=ago(minutes=minutes)) for aircraft, session, minutes in made]
    cuts = data.draw(st.sets(st.integers(min_value=1, max_value=max(1, len(events) - 1))))
    shuffled = data.draw(st.permutations(events))
    for first, last in zip([0, *sorted(cuts)], [*sorted(cuts), len(events)], strict=True):
        if first < last:
            popularity.apply(*shuffled[first:last])

    assert _top(popularity, Window.EVER) == Counter(event.aircraft_id for event in events)
    points = views_over_time(popularity.engine, grain=Grain.MINUTE, now=NOW, count=60, aircraft_id="a")
    recent = [e for e in events if e.aircraft_id == "a" and e.occurred_at >= points[0].at]
    assert sum(point.views for point in points) == len(recent)
    scores = {trend.aircraft_id: trend.score for trend in trending(popularity.engine, now=NOW)}
    for aircraft, score in _scores(events).items():
        # Views older than the eras that count are left out: they weigh less than 2^-36 each.
        assert scores.get(aircraft, 0.0) == pytest.approx(score, rel=1e-9, abs=1e-9)
    for aircraft in "abcd":
        together = {row.aircraft_id: row.sessions for row in viewed_together(popularity.engine, aircraft)}
        assert together == _companions(events, aircraft)


def _scores(events: list[AircraftView]) -> dict[str, float]:
    scores: defaultdict[str, float] = defaultdict(float)
    for event in events:
        scores[event.aircraft_id] += 2 ** (-(NOW - event.occurred_at).total_seconds() / HALF_LIFE_S)
    return scores


def _companions(events: list[AircraftView], aircraft: str) -> Counter[str]:
    together: Counter[str] = Counter()
    for session in {event.session_id for event in events}:
        viewed = sorted({event.aircraft_id for event in events if event.session_id == session})
        for pair in combinations(viewed, 2):
            if aircraft in pair:
                together[pair[0] if pair[1] == aircraft else pair[1]] += 1
    return together
