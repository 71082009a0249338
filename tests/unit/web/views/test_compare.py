from __future__ import annotations

from flask.testing import FlaskClient

from hangarstack.events import UserActivity
from tests.unit.web.fakes import World


def test_aircraft_are_shown_side_by_side_with_the_greatest_marked(client: FlaskClient, world: World) -> None:
    page = client.get("/compare?ids=boeing-737-800,robinson-r44").text
    assert page.count('<th scope="col"') == 2
    assert "lineup" in page
    assert 'class="hue-1 greatest"><span class="metric">39.47 m</span>' in page
    assert world.sink.of(UserActivity)[0].attributes["aircraft_ids"] == "boeing-737-800,robinson-r44"


def test_ids_may_be_given_several_times_and_doubles_count_once(client: FlaskClient) -> None:
    page = client.get("/compare?ids=boeing-737-800&ids=robinson-r44,boeing-737-800").text
    assert page.count('<th scope="col"') == 2


def test_an_unknown_aircraft_is_named_and_the_others_shown(client: FlaskClient) -> None:
    page = client.get("/compare?ids=boeing-737-800,x-wing").text
    assert "no aircraft called x-wing" in page
    assert page.count('<th scope="col"') == 1


def test_more_than_four_are_cut(client: FlaskClient) -> None:
    every = "boeing-737-800,f-16-fighting-falcon,sukhoi-su-27,mikoyan-mig-29,robinson-r44"
    page = client.get(f"/compare?ids={every}").text
    assert page.count('<th scope="col"') == 4
    assert "Only the first 4 are shown" in page


def test_an_empty_comparison_offers_a_choice(client: FlaskClient) -> None:
    page = client.get("/compare").text
    assert '<option value="robinson-r44">Robinson R44</option>' in page
    assert "<table" not in page


def test_one_can_be_taken_away(client: FlaskClient) -> None:
    page = client.get("/compare?ids=boeing-737-800,robinson-r44").text
    assert 'href="/compare?ids=robinson-r44" aria-label="Remove Boeing 737-800"' in page
