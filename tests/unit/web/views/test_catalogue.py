from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from hangarstack.analytics.catalogue_changes import Invalidations
from hangarstack.analytics.popularity import AircraftViews
from hangarstack.web.app import create_app
from tests.unit.web.fakes import World, build_world


def names(page: str) -> list[str]:
    return re.findall(r'class="card-name">([^<]+)', page)


def test_the_catalogue_shows_every_aircraft_with_its_outline(client: FlaskClient) -> None:
    page = client.get("/").text
    assert names(page) == [
        "Boeing 737-800",
        "F-16 Fighting Falcon",
        "Mikoyan MiG-29",
        "Robinson R44",
        "Sukhoi Su-27",
    ]
    assert page.count('class="shape"') == 5


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("f16", "F-16 Fighting Falcon"),
        ("su27", "Sukhoi Su-27"),
        ("Fulcrum", "Mikoyan MiG-29"),
        ("B738", "Boeing 737-800"),
        ("robinsn r44", "Robinson R44"),
    ],
)
def test_an_aircraft_is_found_in_one_try(client: FlaskClient, text: str, found: str) -> None:
    assert names(client.get("/", query_string={"q": text}).text) == [found]


def test_a_correction_is_told(client: FlaskClient) -> None:
    page = client.get("/?q=fulcrm").text
    assert "Nothing is called “fulcrm”" in page
    assert "<b>fulcrum</b>" in page


def test_a_search_that_finds_nothing_suggests_what_is_near(client: FlaskClient) -> None:
    page = client.get("/?q=zzyzx+37").text
    assert "Did you mean" in page
    assert 'href="/aircraft/' in page


def test_filters_that_leave_nothing_say_what_there_is_without_them(client: FlaskClient) -> None:
    page = client.get("/?q=su27&category=civil").text
    assert "Without the filters there" in page
    assert '<a href="/?q=su27">1 aircraft</a>' in page


def test_filters_narrow_the_catalogue_and_can_be_taken_off(client: FlaskClient) -> None:
    page = client.get("/?category=military&engines=2&first_flight_max=1980").text
    assert names(page) == ["Mikoyan MiG-29", "Sukhoi Su-27"]
    assert 'aria-label="Remove the filter Category: Military"' in page
    assert 'href="/?category=military&amp;first_flight_max=1980"' in page


def test_a_filter_shows_how_many_its_other_values_would_give(client: FlaskClient) -> None:
    page = client.get("/?category=military").text
    assert '<option value="military" selected>Military (3)</option>' in page
    assert '<option value="civil">Civil (1)</option>' in page


def test_numbers_that_make_no_sense_are_marked_at_their_field(client: FlaskClient) -> None:
    page = client.get("/?length_m_min=long&category=rotary").text
    assert names(page) == ["Robinson R44"]
    assert 'aria-invalid="true"' in page
    assert "From must be a number" in page


def test_characters_that_nobody_types_are_left_out_and_reach_no_event(client: FlaskClient, world: World) -> None:
    page = client.get("/?q=su%0027&manufacturer=%00&category=rotary")
    assert page.status_code == 200
    assert names(page.text) == ["Robinson R44"]
    assert "The text to search must not hold control characters, so it was left out." in page.text
    assert "Manufacturer must not hold control characters, so it was left out." in page.text
    assert "\\u0000" not in repr(world.sink.events)
    assert "\\x00" not in repr(world.sink.events)


def test_who_thinks_in_feet_sets_filters_in_feet(client: FlaskClient) -> None:
    client.set_cookie("units", "imperial")
    page = client.get("/?length_ft_min=129.4&max_takeoff_lb_max=200000").text
    assert names(page) == ["Boeing 737-800"]
    assert 'name="length_ft_min" inputmode="decimal" value="129.4"' in page
    assert "<legend>Take-off weight <small>lb</small></legend>" in page
    assert 'aria-label="Remove the filter Length: from 129.4 ft"' in page
    # The address that others are given is the same for all.
    assert "length_m_min=39.4411" in page


def test_the_filters_follow_the_units_that_are_chosen(client: FlaskClient) -> None:
    assert 'name="length_m_min" inputmode="decimal" value="39"' in client.get("/?length_m_min=39").text
    client.set_cookie("units", "imperial")
    assert 'name="length_ft_min" inputmode="decimal" value="127.9528"' in client.get("/?length_m_min=39").text


def test_a_filter_in_two_units_is_told(client: FlaskClient) -> None:
    page = client.get("/?length_m_min=39&length_ft_min=1").text
    assert names(page) == ["Boeing 737-800"]
    assert "Length, from, is set by length_m_min too, so it was left out." in page


def test_orders_are_obeyed(client: FlaskClient) -> None:
    assert names(client.get("/?sort=longest").text)[0] == "Boeing 737-800"
    assert names(client.get("/?sort=oldest").text)[0] == "F-16 Fighting Falcon"


def test_what_is_typed_is_shown_as_text_never_as_markup(client: FlaskClient) -> None:
    page = client.get("/", query_string={"q": '<script>alert(1)</script>"', "manufacturer": "<b>x"}).text
    assert "<script>alert" not in page
    assert "<b>x" not in page
    assert "&lt;script&gt;" in page


def test_a_long_catalogue_comes_in_pages(tmp_path: Path) -> None:
    world = build_world(tmp_path)
    client = create_app(world.settings, deps=world.deps).test_client()
    first, second = client.get("/").text, client.get("/?page=2").text
    assert len(names(first)) == len(names(second)) == 24
    assert not set(names(first)) & set(names(second))
    assert 'rel="next" href="/?page=2"' in first
    assert 'rel="prev" href="/?"' in second
    last = client.get("/?page=9999").text
    assert 0 < len(names(last)) <= 24


def test_popular_aircraft_are_offered_on_the_first_page(client: FlaskClient, world: World) -> None:
    world.models.popular = [
        AircraftViews(aircraft_id="gone", views=9),
        AircraftViews(aircraft_id="robinson-r44", views=8),
    ]
    page = client.get("/").text
    assert '<a href="/aircraft/robinson-r44">Robinson R44 <small>8</small></a>' in page
    assert "In the last hour" not in client.get("/?q=f16").text


def test_the_catalogue_is_shown_without_any_read_model(client: FlaskClient, world: World) -> None:
    world.models.trouble = True
    assert len(names(client.get("/").text)) == 5


def test_a_change_by_another_process_is_shown(client: FlaskClient, world: World) -> None:
    client.get("/")
    engine = world.deps.catalogue._engine
    with engine.begin() as tx:
        tx.exec_driver_sql(
            "UPDATE aircraft SET version = 2, record = replace(record, 'Robinson R44', 'Robinson R44 Raven')"
        )
    world.models.changed = Invalidations(seq=1, aircraft_ids=frozenset({"robinson-r44"}), everything=False)
    client.application.extensions["hangarstack"].watch._checked._due = 0.0
    assert "Robinson R44 Raven" in names(client.get("/").text)
