from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hangarstack.catalogue.model import Aircraft
from hangarstack.catalogue.records import load_records
from hangarstack.catalogue.search import SearchIndex, fold
from tests.support.aircraft import DATA, record

_FLEET = SearchIndex(Aircraft(r["id"], 1, r) for r in load_records(DATA))


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("f16", "f-16-fighting-falcon"),
        ("F-16", "f-16-fighting-falcon"),
        ("Fighting Falcon", "f-16-fighting-falcon"),
        ("viper", "f-16-fighting-falcon"),
        ("su27", "sukhoi-su-27"),
        ("SU 27", "sukhoi-su-27"),
        ("Flanker", "sukhoi-su-27"),
        ("B738", "boeing-737-800"),
        ("737-800", "boeing-737-800"),
        ("r44", "robinson-r44"),
    ],
)
def test_an_aircraft_is_found_in_one_try(typed: str, first: str) -> None:
    assert _FLEET.match(typed).hits[0].aircraft.id == first


@pytest.mark.parametrize(
    ("typed", "first"),
    [("robinsn", "robinson-r44"), ("fighting falcn", "f-16-fighting-falcon"), ("flnaker", "sukhoi-su-27")],
)
def test_a_slip_of_the_finger_is_corrected_and_said(typed: str, first: str) -> None:
    match = _FLEET.match(typed)
    assert first in [hit.aircraft.id for hit in match.hits]


def test_the_corrected_spelling_is_told() -> None:
    index = SearchIndex([Aircraft("test-falcon", 1, record())])
    assert index.match("flacon").corrected == "falcon"
    assert index.match("falcon").corrected is None


def test_an_exact_designator_comes_before_a_longer_name() -> None:
    index = SearchIndex(
        [
            Aircraft("long", 1, record("long", name="B52 Super Something")),
            Aircraft("exact", 1, record("exact", name="Stratofortress", icao="B52")),
        ]
    )
    assert [hit.aircraft.id for hit in index.match("b52").hits] == ["exact", "long"]


def test_accents_do_not_matter() -> None:
    index = SearchIndex([Aircraft("e", 1, record("e", name="Émbraer Trés"))])
    assert index.match("embraer tres").hits
    assert fold("Émbraer—Trés 1/2") == "embraer tres 1 2"


def test_nonsense_finds_nothing_but_has_neighbours() -> None:
    assert not _FLEET.match("qqqqzzzz").hits
    assert _FLEET.similar_names("f18 fighting falcom", 3)[0].id == "f-16-fighting-falcon"


def test_a_name_that_ends_in_one_digit_is_not_near_to_every_text_with_that_digit() -> None:
    index = SearchIndex(
        [Aircraft("max", 1, record("max", name="Boeing 737 MAX 8")), Aircraft("f", 1, record("f", name="F-16 Falcon"))]
    )
    assert index.similar_names("f18 falcom", 2)[0].id == "f"


@given(st.text(max_size=300))
def test_any_text_is_answered(text: str) -> None:
    for hit in _FLEET.match(text).hits:
        assert 0 < hit.score <= 100
