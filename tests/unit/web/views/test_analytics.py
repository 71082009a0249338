from __future__ import annotations

from flask.testing import FlaskClient

from hangarstack.analytics.popularity import AircraftViews
from hangarstack.analytics.search_insights import SearchedText
from hangarstack.analytics.system_health import State
from tests.unit.web.fakes import World, component, revision


def test_the_live_page_is_a_whole_picture_without_script(client: FlaskClient, world: World) -> None:
    models = world.models
    models.counted["aircraft_views"] = 12_345
    models.minutes = [*range(59), 80]
    models.popular = [AircraftViews(aircraft_id="robinson-r44", views=31)]
    models.texts = [SearchedText(text="tie fighter", searches=3, empty=3)]
    models.parts = [component("web"), component("journeys", State.STALE)]
    models.revisions = [revision("boeing-737-800")]
    page = client.get("/analytics").text
    for shown in (
        "<dd>12,345</dd>",
        "<b data-chart-latest>80</b>",
        '<a href="/aircraft/robinson-r44">Robinson R44</a>',
        '<a href="/?q=tie%20fighter">tie fighter</a>',
        "Catalogue → Aircraft",
        '<span class="state stale">stale</span>',
        "<td>6.0</td><td>49.5</td><td>100</td>",
        "performance.range_km",
    ):
        assert shown in page


def test_the_live_page_is_shown_without_any_read_model(client: FlaskClient, world: World) -> None:
    world.models.trouble = True
    page = client.get("/analytics")
    assert page.status_code == 200
    assert "No views yet." in page.text


def test_an_aircraft_that_is_gone_keeps_its_id_as_name(client: FlaskClient, world: World) -> None:
    world.models.popular = [AircraftViews(aircraft_id="gone-one", views=3)]
    assert "gone-one" in client.get("/analytics").text


def test_a_part_that_stopped_stands_out_and_a_guest_that_ended_does_not(client: FlaskClient, world: World) -> None:
    world.models.parts = [component("doctor", State.STOPPED), component("search-insights", State.STOPPED)]
    page = client.get("/analytics").text
    assert '<th scope="row">doctor</th><td><span class="state stopped guest">' in page
    assert '<th scope="row">search-insights</th><td><span class="state stopped">' in page


def test_a_picture_without_changes_says_so(client: FlaskClient) -> None:
    assert '<li class="empty">The catalogue is as it was imported.</li>' in client.get("/analytics").text


def test_the_page_says_that_latencies_are_a_measurement_and_totals_are_exact(client: FlaskClient) -> None:
    page = client.get("/analytics").text
    assert '<th scope="col">Events measured</th>' in page
    assert "what was killed lacks its last second here. The totals above are exact." in page
