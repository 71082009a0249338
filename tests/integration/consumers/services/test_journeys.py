from __future__ import annotations

from collections import Counter
from datetime import timedelta
from itertools import permutations

import pytest

from hangarstack.analytics.journeys import (
    FlowEdge,
    Session,
    active_now,
    page_flow,
    recent_sessions,
    session_statistics,
)
from hangarstack.consumers.services.journeys import PAGE_LENGTH, SESSIONS_KEPT_S, Journeys
from hangarstack.events import Action
from tests.integration.consumers.services.harness import Harness, Start, at_now
from tests.integration.consumers.services.made import NOW, activity, ago


@pytest.fixture
def journeys(start: Start) -> Harness:
    return start(lambda: Journeys(clock=at_now))


def test_an_empty_store_answers_with_nothing(journeys: Harness) -> None:
    assert active_now(journeys.engine, now=NOW) == 0
    assert page_flow(journeys.engine, now=NOW) == ()
    assert recent_sessions(journeys.engine) == ()
    assert session_statistics(journeys.engine, now=NOW).sessions == 0


def test_a_session_has_a_course_whatever_the_order_of_its_activities(journeys: Harness) -> None:
    course = [
        activity("/", at=ago(seconds=90)),
        activity("/", at=ago(seconds=80), action=Action.FILTER),
        activity("/aircraft/<id>", at=ago(seconds=30), previous="/"),
        activity("/compare", at=ago(seconds=10), previous="/aircraft/<id>"),
    ]
    for number, order in enumerate(permutations(course)):
        session = f"s{number:02}"
        own = [event.replace(session_id=session) for event in order]
        journeys.apply(own[0], own[1])
        journeys.apply(own[2])
        journeys.apply(own[3])
    sessions = recent_sessions(journeys.engine, limit=50)
    assert len(sessions) == 24
    expected = {
        Session(
            session_id=f"s{number:02}",
            started=ago(seconds=90),
            last_seen=ago(seconds=10),
            steps=4,
            pages=3,
            entry_page="/",
            last_page="/compare",
        )
        for number in range(24)
    }
    assert set(sessions) == expected
    assert {session.duration_s for session in sessions} == {80.0}


def test_only_sessions_seen_lately_are_active(journeys: Harness) -> None:
    journeys.apply(
        activity("/", "here", ago(seconds=10)),
        activity("/", "back", ago(hours=1)),
        activity("/", "gone", ago(minutes=6)),
    )
    journeys.apply(activity("/", "back", ago(minutes=1)))
    assert active_now(journeys.engine, now=NOW) == 2
    assert active_now(journeys.engine, now=NOW, within_s=30) == 1
    assert active_now(journeys.engine, now=NOW + timedelta(hours=1)) == 0


def test_page_flow_counts_page_views_by_where_they_came_from(journeys: Harness) -> None:
    journeys.apply(
        activity("/", "s1"),
        activity("/aircraft/<id>", "s1", previous="/"),
        activity("/aircraft/<id>", "s1", previous="/", action=Action.EDIT),
    )
    journeys.apply(
        activity("/", "s2"),
        activity("/aircraft/<id>", "s2", previous="/"),
        activity("/", "s3", ago(days=1)),
        activity("/", "s4"),
    )
    assert page_flow(journeys.engine, now=NOW) == (
        FlowEdge(from_page=None, to_page="/", transitions=3),
        FlowEdge(from_page="/", to_page="/aircraft/<id>", transitions=2),
    )
    assert page_flow(journeys.engine, now=NOW, days=2, limit=1)[0].transitions == 4


def test_statistics_are_of_the_sessions_within_the_span(journeys: Harness) -> None:
    for number in range(10):
        journeys.apply(
            activity("/", f"s{number}", ago(seconds=100)),
            *(activity("/compare", f"s{number}", ago(seconds=100 - 10 * number)) for _ in range(min(number, 1))),
        )
    journeys.apply(activity("/", "old", ago(days=2)))
    statistics = session_statistics(journeys.engine, now=NOW)
    assert statistics.sessions == 10
    assert statistics.mean_pages == statistics.mean_steps == pytest.approx(1.9)
    assert statistics.median_duration_s == pytest.approx(45)
    assert statistics.p90_duration_s == pytest.approx(81)
    assert statistics.bounces == pytest.approx(0.1)


def test_a_lone_session_is_its_own_median(journeys: Harness) -> None:
    journeys.apply(activity("/", at=ago(seconds=42)), activity("/"))
    assert session_statistics(journeys.engine, now=NOW).median_duration_s == 42


def test_a_page_of_any_length_is_kept_to_a_bound(journeys: Harness) -> None:
    journeys.apply(activity("/" + "x" * 5000, previous="/" + "y" * 5000))
    (edge,) = page_flow(journeys.engine, now=NOW)
    assert edge.from_page is not None
    assert (len(edge.from_page), len(edge.to_page)) == (PAGE_LENGTH, PAGE_LENGTH)


def test_sessions_not_seen_for_long_are_forgotten(start: Start) -> None:
    clock = NOW.timestamp()
    journeys = start(lambda: Journeys(clock=lambda: clock))
    journeys.apply(activity("/", "old", ago(seconds=SESSIONS_KEPT_S + 60)), activity("/", "new"))
    clock += 61
    journeys.apply(activity("/", "new"))
    assert Counter(session.session_id for session in recent_sessions(journeys.engine)) == {"new": 1}
