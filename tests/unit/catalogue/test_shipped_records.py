"""The records that ship with the project: sourced, physically possible, and found by the names people type."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any, Final

import pytest

from hangarstack.catalogue.model import Aircraft
from hangarstack.catalogue.records import load_records
from hangarstack.catalogue.search import SearchIndex
from tests.support.aircraft import DATA

_RECORDS: Final[list[dict[str, Any]]] = [dict(r) for r in load_records(DATA)]
_SEARCH: Final = SearchIndex(Aircraft(r["id"], 1, r) for r in _RECORDS)

_CATEGORIES: Final = ("civil", "military", "rotary", "general-aviation")
_SOURCED: Final = {"identity", "dimensions", "weights", "performance"}
_JETS: Final = {"turbofan", "turbojet"}

_SHARED_ICAO: Final[dict[str, set[str]]] = {}
"""Designators that Doc 8643 gives to more than one shipped aircraft, with the aircraft; none so far."""

_POWER_UNSOURCED: Final = {"eurocopter-as350"}
"""Aircraft whose engine is known but whose power no page that was opened gives: left out, not guessed."""

_every_record = pytest.mark.parametrize("r", [pytest.param(r, id=str(r["id"])) for r in _RECORDS])


def test_the_catalogue_is_large_enough_to_browse() -> None:
    assert len(_RECORDS) >= 60


@pytest.mark.parametrize("category", _CATEGORIES)
def test_every_category_has_aircraft_to_compare(category: str) -> None:
    assert sum(r["category"] == category for r in _RECORDS) >= 10


def test_no_record_is_outside_the_categories() -> None:
    assert {r["category"] for r in _RECORDS} == set(_CATEGORIES)


def test_ids_are_unique_and_are_the_file_names() -> None:
    files = sorted(path.stem for path in (DATA / "aircraft").glob("*.json"))
    assert sorted(r["id"] for r in _RECORDS) == files


def test_a_designator_means_one_aircraft() -> None:
    shared = {code for code, count in Counter(r["icao"] for r in _RECORDS if "icao" in r).items() if count > 1}
    assert {code: {r["id"] for r in _RECORDS if r.get("icao") == code} for code in shared} == _SHARED_ICAO


@_every_record
def test_sources_are_real(r: dict[str, Any]) -> None:
    assert r["sources"]
    for source in r["sources"]:
        assert "placeholder" not in source["title"].casefold()
        assert source["facts"], source["title"]
        assert date.fromisoformat(source["accessed"])


@_every_record
def test_sources_cover_what_the_record_states(r: dict[str, Any]) -> None:
    assert {fact for source in r["sources"] for fact in source["facts"]} >= _SOURCED


@_every_record
def test_weights_are_in_order(r: dict[str, Any]) -> None:
    weights = r["weights"]
    assert 0 < weights.get("empty_kg", 1) < weights["max_takeoff_kg"]
    assert weights.get("max_landing_kg", 0) <= weights["max_takeoff_kg"]


@_every_record
def test_nothing_cruises_above_its_maximum_speed(r: dict[str, Any]) -> None:
    performance = r["performance"]
    assert performance.get("cruise_speed_kmh", 0) <= performance["max_speed_kmh"]


@_every_record
def test_years_run_forwards(r: dict[str, Any]) -> None:
    flown = date.fromisoformat(r["first_flight"]).year
    assert flown <= r.get("introduced", flown)
    years = [entry["year"] for entry in r["history"]]
    assert years == sorted(years)
    assert flown in years


@_every_record
def test_jets_have_thrust_and_shafts_have_power(r: dict[str, Any]) -> None:
    powerplant = r["powerplant"]
    jet = powerplant["type"] in _JETS
    assert ("thrust_kn" in powerplant) == jet
    without_power = jet or r["id"] in _POWER_UNSOURCED
    assert ("power_kw" in powerplant) != without_power


@_every_record
def test_the_span_suits_the_length(r: dict[str, Any]) -> None:
    dimensions = r["dimensions"]
    span = dimensions.get("wingspan_m") or dimensions["rotor_diameter_m"]
    assert 0.4 <= span / dimensions["length_m"] <= 2.0


@_every_record
def test_the_take_off_weight_suits_the_size(r: dict[str, Any]) -> None:
    """A slipped decimal point leaves the band that gliders, airliners and fighters share."""
    dimensions = r["dimensions"]
    span = dimensions.get("wingspan_m") or dimensions["rotor_diameter_m"]
    loading = r["weights"]["max_takeoff_kg"] / (span * dimensions["length_m"])
    assert 5 <= loading <= 180


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("f16", "f-16-fighting-falcon"),
        ("su27", "sukhoi-su-27"),
        ("flanker", "sukhoi-su-27"),
        ("Fulcrum", "mikoyan-mig-29"),
        ("B738", "boeing-737-800"),
        ("747", "boeing-747-400"),
        ("spitfire", "supermarine-spitfire"),
        ("huey", "bell-uh-1"),
        ("warthog", "fairchild-a-10"),
        ("bear", "tupolev-tu-95"),
    ],
)
def test_the_names_people_type_put_the_right_aircraft_first(typed: str, first: str) -> None:
    assert _SEARCH.match(typed).hits[0].aircraft.id == first
