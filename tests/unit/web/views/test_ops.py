from __future__ import annotations

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from hangarstack.errors import StoreUnavailableError
from hangarstack.web.app import create_app
from hangarstack.web.security import CONTENT_SECURITY_POLICY
from tests.unit.web.fakes import World, build_world


def test_a_process_with_a_catalogue_is_ready_whatever_else_is_away(client: FlaskClient, world: World) -> None:
    world.models.trouble = True
    world.sink.trouble = RuntimeError("away")
    world.sink.problems.append("Kafka is away")
    answer = client.get("/readyz")
    told = {"spooled": 0, "oldest_s": 0.0, "problems": ["Kafka is away"]}
    assert (answer.status_code, answer.json) == (200, {"status": "ready", "aircraft": 5, **told})


def test_an_empty_catalogue_is_not_ready_and_says_what_to_do(tmp_path: Path) -> None:
    world = build_world(tmp_path, ())
    answer = create_app(world.settings, deps=world.deps).test_client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json is not None
    assert "hangarstack data import" in answer.json["reason"]


def test_metrics_tell_of_requests_and_events(client: FlaskClient) -> None:
    client.get("/aircraft/boeing-737-800")
    text = client.get("/metrics").text
    assert 'hangarstack_web_request_seconds_count{area="aircraft"}' in text
    assert 'hangarstack_web_events_accepted_total{event="AircraftView"}' in text
    assert "hangarstack_web_spooled_events" in text


@pytest.mark.parametrize("path", ["/", "/aircraft/unknown", "/api/v1/aircraft", "/readyz", "/nowhere"])
def test_every_answer_has_the_security_headers(client: FlaskClient, path: str) -> None:
    headers = client.get(path).headers
    assert headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "Strict-Transport-Security" not in headers
    assert "Strict-Transport-Security" in client.get(path, base_url="https://localhost").headers


@pytest.mark.parametrize("path", ["/", "/?q=zz", "/aircraft/boeing-737-800", "/compare?ids=robinson-r44", "/analytics"])
def test_no_page_has_inline_script_or_style(client: FlaskClient, path: str) -> None:
    page = client.get(path).text
    assert " style=" not in page
    assert "<style" not in page
    assert "<script>" not in page
    assert " onclick=" not in page
    assert "http://" not in page.replace("http://www.w3.org/", "")


def test_an_unknown_address_is_a_page_of_the_site(client: FlaskClient) -> None:
    answer = client.get("/nowhere")
    assert answer.status_code == 404
    assert "There is nothing at this address." in answer.text
    assert 'class="masthead"' in answer.text


def test_an_unknown_address_of_the_api_is_a_problem(client: FlaskClient) -> None:
    answer = client.get("/api/v1/nowhere")
    assert (answer.status_code, answer.content_type) == (404, "application/problem+json")


def test_a_wrong_method_is_told_which_ones_there_are(client: FlaskClient) -> None:
    answer = client.delete("/aircraft/boeing-737-800")
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


def test_what_breaks_on_our_side_is_a_page_without_details(
    client: FlaskClient, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> dict[str, object]:
        raise RuntimeError("the secret is 42")

    object.__setattr__(world.deps, "schema", fail)
    client.application.testing = False
    answer = client.get("/aircraft/boeing-737-800/edit")
    assert answer.status_code == 500
    assert "Something broke on our side" in answer.text
    assert "42" not in answer.text[answer.text.index("<main") :]
    assert "the secret is 42" in caplog.text


def test_a_store_that_is_away_is_told_to_come_back_for(client: FlaskClient, world: World) -> None:
    def fail() -> dict[str, object]:
        raise StoreUnavailableError("locked")

    object.__setattr__(world.deps, "schema", fail)
    answer = client.get("/aircraft/boeing-737-800/edit")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"


def test_the_old_name_of_the_icon_leads_to_the_icon(client: FlaskClient) -> None:
    answer = client.get("/favicon.ico", follow_redirects=True)
    assert answer.content_type == "image/svg+xml"
