from __future__ import annotations

import threading
from datetime import datetime
from itertools import permutations
from typing import Any

import pytest

from hangarstack.analytics.buckets import Window
from hangarstack.analytics.search_insights import (
    Choice,
    RisingText,
    SearchedText,
    chosen_after,
    rising_searches,
    top_searches,
    zero_result_searches,
)
from hangarstack.consumers.services.search_insights import SearchInsights
from hangarstack.events.runtime.ids import new_event_id
from tests.integration.consumers.services.harness import Harness, Start, at_now
from tests.integration.consumers.services.made import NOW, ago, received, search, view


@pytest.fixture
def insights(start: Start) -> Harness:
    return start(lambda: SearchInsights(clock=at_now))


def _top(insights: Harness, window: Window, now: datetime = NOW) -> dict[str, int]:
    return {row.text: row.searches for row in top_searches(insights.engine, window=window, now=now)}


def test_an_empty_store_answers_with_nothing(insights: Harness) -> None:
    for query in (top_searches, zero_result_searches, rising_searches):
        assert query(insights.engine, window=Window.DAY, now=NOW) == ()
    assert chosen_after(insights.engine) == ()
    assert chosen_after(insights.engine, text="f-16") == ()


def test_texts_are_counted_in_every_window_that_holds_them(insights: Harness) -> None:
    insights.apply(search("F-16"), search(" f-16 "), search("su27", ago(minutes=30)))
    insights.apply(search("f-16", ago(hours=3)), search("b738", ago(days=20)))
    assert _top(insights, Window.HOUR) == {"f-16": 2, "su27": 1}
    assert _top(insights, Window.DAY) == {"f-16": 3, "su27": 1}
    assert _top(insights, Window.MONTH) == {"f-16": 3, "su27": 1, "b738": 1}
    assert top_searches(insights.engine, window=Window.DAY, now=NOW, limit=1)[0].text == "f-16"


def test_turning_the_page_and_filtering_without_text_are_no_searches(insights: Harness) -> None:
    insights.apply(search("f-16"), search("f-16", page=2), search("   "))
    assert _top(insights, Window.HOUR) == {"f-16": 1}


def test_searches_that_found_nothing_are_listed_by_how_often(insights: Harness) -> None:
    insights.apply(search("ufo", results=0), search("ufo", results=0), search("f-16"), search("mig", results=0))
    insights.apply(search("mig", ago(hours=2)))
    assert zero_result_searches(insights.engine, window=Window.DAY, now=NOW) == (
        SearchedText(text="ufo", searches=2, empty=2),
        SearchedText(text="mig", searches=2, empty=1),
    )


def test_rising_texts_are_searched_more_than_in_the_window_before(insights: Harness) -> None:
    before, now = ago(minutes=70), ago(minutes=10)
    insights.apply(*(search("steady", at) for at in (before, before, now, now)))
    insights.apply(*(search("falling", at) for at in (before, before, now)))
    insights.apply(search("rising", before), *(search("rising", now) for _ in range(4)), search("new", now))
    rising = rising_searches(insights.engine, window=Window.HOUR, now=NOW)
    assert rising == (
        RisingText(text="rising", searches=4, before=1),
        RisingText(text="new", searches=1, before=0),
    )
    assert [row.growth for row in rising] == [3.0, 1.0]


def test_a_search_that_went_straight_to_an_aircraft_chose_it(insights: Harness) -> None:
    insights.apply(search("F16", chosen="f-16"), search("f16", chosen="f-16"), search("f16"))
    assert chosen_after(insights.engine) == (Choice(text="f16", aircraft_id="f-16", times=2),)


def test_a_choice_is_counted_once_in_any_order_and_split(insights: Harness) -> None:
    for number, order in enumerate(permutations(range(4))):
        search_id = new_event_id()
        events: list[Any] = [
            search("Fulcrum", event_id=search_id),
            view("mig-29", search_id=search_id),
            view("mig-29", search_id=search_id),
            view("su-27", search_id=search_id),
        ]
        insights.apply(events[order[0]])
        insights.apply(*(events[index] for index in order[1:3]))
        insights.apply(events[order[3]])
        assert chosen_after(insights.engine, text="fulcrum") in {
            (
                Choice(text="fulcrum", aircraft_id=first, times=number + 1),
                Choice(text="fulcrum", aircraft_id=second, times=number + 1),
            )
            for first, second in permutations(("mig-29", "su-27"))
        }


def test_a_view_without_a_search_chooses_nothing(insights: Harness) -> None:
    insights.apply(view("f-16"), view("f-16", search_id=new_event_id()))
    assert chosen_after(insights.engine) == ()


def test_two_members_with_a_search_and_its_view_at_once_miss_no_choice(insights: Harness) -> None:
    search_id = new_event_id()
    other = threading.Thread(target=insights.apply, args=(view("f-16", search_id=search_id),))
    with insights.engine.begin() as tx:
        insights.service.apply(tx, [received(search("viper", event_id=search_id))])
        other.start()
        other.join(0.2)
    other.join()
    assert chosen_after(insights.engine) == (Choice(text="viper", aircraft_id="f-16", times=1),)


def test_the_most_chosen_come_first(insights: Harness) -> None:
    insights.apply(*(search("a", chosen="x") for _ in range(2)), *(search("b", chosen="y") for _ in range(3)))
    assert [choice.times for choice in chosen_after(insights.engine)] == [3, 2]
    assert len(chosen_after(insights.engine, limit=1)) == 1


def test_texts_that_only_a_database_minds_are_kept(insights: Harness) -> None:
    insights.apply(search("nul\x00l"), search("'; DROP TABLE searches; --"), search("x" * 10_000))
    assert set(_top(insights, Window.HOUR)) == {"nul l", "'; drop table searches; --", "x" * 100}
