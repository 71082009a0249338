from __future__ import annotations

from urllib.parse import parse_qsl

import pytest

from hangarstack.web.query import Query, encode, read


def test_an_address_is_read_and_written_the_same() -> None:
    given = {"q": "f 16", "category": "military", "length_m_min": "10", "first_flight_max": "1980", "sort": "oldest"}
    query = read(given)
    assert query.text == "f 16"
    assert query.filters.ranges == {"length_m": (10.0, None), "first_flight": (None, 1980.0)}
    assert dict(parse_qsl(encode(query))) == given


def test_unknown_parameters_are_ignored() -> None:
    assert read({"utm_source": "x", "go": "y"}) == Query()


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"length_m_min": "long"}, {"length_m_min": "must be a number"}),
        ({"length_m_min": "nan"}, {"length_m_min": "must be a number"}),
        ({"length_m_min": "1e999"}, {"length_m_min": "must be a number"}),
        ({"length_m_min": "20", "length_m_max": "10"}, {"length_m_max": "is less than the least"}),
        ({"page": "0"}, {"page": "must be a whole number from 1"}),
        ({"page": "-1"}, {"page": "must be a whole number from 1"}),
        ({"page": "²"}, {"page": "must be a whole number from 1"}),
    ],
)
def test_what_makes_no_sense_is_told_and_not_obeyed(given: dict[str, str], wrong: dict[str, str]) -> None:
    query = read(given)
    assert query.problems == wrong
    assert not query.filters.ranges
    assert query.page == 1


def test_an_unknown_order_is_told() -> None:
    query = read({"sort": "prettiest"})
    assert query.sort is None
    assert "must be one of" in query.problems["sort"]


def test_a_long_text_is_cut() -> None:
    assert len(read({"q": "x" * 10_000}).text) == 120


def test_filters_can_be_taken_away_one_by_one() -> None:
    query = read({"category": "civil", "role": "airliner", "length_m_max": "40", "page": "3"})
    assert encode(query.without("role")) == "category=civil&length_m_max=40"
    assert encode(query.without("length_m")) == "category=civil&role=airliner"
    assert not query.unfiltered().filtered
    assert query.without("role").page == 1
