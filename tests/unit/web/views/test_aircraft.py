from __future__ import annotations

import json

from flask.testing import FlaskClient

from hangarstack.analytics.popularity import Companion
from tests.unit.web.fakes import World, revision

BOEING = "/aircraft/boeing-737-800"


def test_the_record_is_shown_in_both_systems_of_units(client: FlaskClient) -> None:
    page = client.get(BOEING).text
    assert '<span class="metric">39.47 m</span><span class="imperial">129 ft 6 in</span>' in page
    assert 'data-units="metric"' in page
    client.set_cookie("units", "imperial")
    assert 'data-units="imperial"' in client.get(BOEING).text


def test_the_page_shows_hologram_blueprint_history_and_sources(client: FlaskClient) -> None:
    page = client.get(BOEING).text
    assert 'data-hologram="/api/v1/aircraft/boeing-737-800/hologram"' in page
    assert 'class="blueprint wide"' in page
    assert "Hapag-Lloyd" in page
    assert 'id="source-1"' in page
    assert 'href="#source-1"' in page


def test_what_visitors_do_is_shown(client: FlaskClient, world: World) -> None:
    world.models.minutes = [2] * 60
    world.models.companions = [
        Companion(aircraft_id="sukhoi-su-27", sessions=4),
        Companion(aircraft_id="gone", sessions=3),
    ]
    world.models.revisions = [revision("boeing-737-800")]
    page = client.get(BOEING).text
    assert "data-pulse-count>120<" in page
    assert '<a href="/aircraft/sukhoi-su-27">Sukhoi Su-27</a> <small>4 visitors</small>' in page
    assert "A newer source" in page
    assert "<del>5436</del> <ins>5446</ins>" in page


def test_the_page_is_whole_without_any_read_model(client: FlaskClient, world: World) -> None:
    world.models.trouble = True
    page = client.get(BOEING)
    assert page.status_code == 200
    assert "data-pulse-count>0<" in page.text


def test_similar_aircraft_are_offered(client: FlaskClient) -> None:
    page = client.get("/aircraft/sukhoi-su-27").text
    similar = page[page.index('id="similar"') :]
    assert similar.index("Mikoyan MiG-29") < similar.index("Boeing 737-800")


def test_an_unknown_aircraft_is_a_404_page_with_suggestions(client: FlaskClient) -> None:
    answer = client.get("/aircraft/boing-737")
    assert answer.status_code == 404
    assert "The catalogue has no aircraft called “boing-737”." in answer.text
    assert answer.text.index('href="/aircraft/boeing-737-800"') > 0


def test_a_strange_id_is_shown_as_text_and_cut(client: FlaskClient) -> None:
    answer = client.get("/aircraft/%3Cscript%3E" + "x" * 500)
    assert answer.status_code == 404
    assert "<script>x" not in answer.text
    assert "x" * 100 not in answer.text


def test_a_page_asks_a_read_model_at_most_once_a_second(client: FlaskClient, world: World) -> None:
    for _ in range(5):
        client.get(BOEING)
    assert world.models.calls["history"] == 1
    assert world.models.calls["invalidations_since"] <= 2


def test_the_mesh_is_sent_once_and_then_known(client: FlaskClient) -> None:
    answer = client.get(f"/api/v1{BOEING}/hologram")
    assert json.loads(answer.data)["length"] == 3947
    again = client.get(f"/api/v1{BOEING}/hologram", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_units_can_be_chosen_without_script(client: FlaskClient) -> None:
    answer = client.get("/units/imperial", headers={"Referer": f"http://localhost{BOEING}?saved=2"})
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"{BOEING}?saved=2"
    assert "units=imperial" in answer.headers["Set-Cookie"]


def test_the_way_back_never_leads_to_another_site(client: FlaskClient) -> None:
    for referrer in ("https://evil.example/aircraft/x", "http://localhost//evil.example", "javascript:alert(1)", ""):
        assert client.get("/units/metric", headers={"Referer": referrer}).headers["Location"] == "/"
    assert client.get("/units/furlongs").status_code == 404
