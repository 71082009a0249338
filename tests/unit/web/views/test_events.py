"""What each page reports, and that no page depends on it."""

from __future__ import annotations

import time
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from hangarstack.errors import EncodeError, SpoolFullError
from hangarstack.events import Action, AircraftView, DeviceKind, SearchQuery, UserActivity, ViewSource
from hangarstack.web.app import create_app
from hangarstack.web.metrics import REFUSED
from hangarstack.web.tracking import ACCEPTED_HEADER
from tests.unit.web.conftest import AIRCRAFT
from tests.unit.web.fakes import World, build_world

BOEING = "/aircraft/boeing-737-800"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) Mobile/15E148 Safari/604.1"


def test_an_aircraft_page_reports_a_view_and_a_step(client: FlaskClient, world: World) -> None:
    answer = client.get(BOEING, headers={"User-Agent": PHONE}, environ_base={"REMOTE_ADDR": "203.0.113.77"})
    assert answer.headers[ACCEPTED_HEADER] == "AircraftView, UserActivity"
    view, step = world.sink.events
    assert isinstance(view, AircraftView)
    assert isinstance(step, UserActivity)
    assert view.aircraft_id == "boeing-737-800"
    assert view.session_id == step.session_id
    assert (view.client_ip, view.user_agent) == ("203.0.113.0", PHONE)
    assert view.device is not None
    assert view.device.kind is DeviceKind.PHONE
    assert view.source is ViewSource.DIRECT
    assert (step.action, step.page, step.step) == (Action.PAGE_VIEW, "/aircraft/<id>", 1)
    assert step.attributes["aircraft_id"] == "boeing-737-800"
    assert datetime.now(UTC) - view.occurred_at < timedelta(seconds=5)


@pytest.mark.parametrize("path", ["/", "/compare", "/analytics", f"{BOEING}/edit"])
def test_every_other_page_reports_a_step(client: FlaskClient, world: World, path: str) -> None:
    assert client.get(path).headers[ACCEPTED_HEADER] == "UserActivity"
    assert [type(event) for event in world.sink.events] == [UserActivity]


def test_a_search_reports_what_was_found_and_how_long_it_took(client: FlaskClient, world: World) -> None:
    answer = client.get("/?q=fulcrm&category=military&first_flight_min=1970&page=1")
    assert answer.headers[ACCEPTED_HEADER] == "SearchQuery, UserActivity"
    (search,) = world.sink.of(SearchQuery)
    assert (search.text, search.result_count, search.corrected_text) == ("fulcrm", 1, "fulcrum")
    assert dict(search.filters) == {"category": "military", "first_flight": "1970.."}
    assert search.page_number == 1
    assert 0 <= search.latency_micros < 1_000_000
    assert search.chosen_aircraft_id is None


def test_the_search_travels_on_the_links_of_its_results(client: FlaskClient, world: World) -> None:
    page = client.get("/?q=f16").text
    (search,) = world.sink.of(SearchQuery)
    link = f"/aircraft/f-16-fighting-falcon?search={search.event_id}"
    assert link in page
    client.get(link)
    (view,) = world.sink.of(AircraftView)
    assert view.search_id == search.event_id
    assert view.source is ViewSource.SEARCH
    assert view.session_id == search.session_id


def test_a_second_search_gets_an_id_of_its_own(client: FlaskClient, world: World) -> None:
    first, second = client.get("/?q=f16").text, client.get("/?q=f16").text
    one, two = world.sink.of(SearchQuery)
    assert one.event_id != two.event_id
    assert f"search={one.event_id}" in first
    assert f"search={two.event_id}" in second
    assert "__search__" not in first + second


def test_a_suggestion_taken_while_typing_goes_straight_to_the_aircraft(client: FlaskClient, world: World) -> None:
    answer = client.get("/?q=f1&go=f-16-fighting-falcon")
    (search,) = world.sink.of(SearchQuery)
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"/aircraft/f-16-fighting-falcon?search={search.event_id}"
    assert answer.headers[ACCEPTED_HEADER] == "SearchQuery"
    assert search.chosen_aircraft_id == "f-16-fighting-falcon"
    client.get(answer.headers["Location"])
    assert world.sink.of(AircraftView)[0].session_id == search.session_id


def test_an_unknown_suggestion_shows_the_results(client: FlaskClient) -> None:
    assert client.get("/?q=f16&go=//evil.example").status_code == 200


def test_filters_alone_are_a_step_of_their_own(client: FlaskClient, world: World) -> None:
    client.get("/?category=rotary")
    (step,) = world.sink.events
    assert (step.action, dict(step.attributes)) == (Action.FILTER, {"category": "rotary"})


def test_steps_count_up_and_remember_the_page_before(client: FlaskClient, world: World) -> None:
    client.get("/")
    time.sleep(0.02)
    client.get(BOEING)
    client.get("/compare?ids=boeing-737-800")
    steps = world.sink.of(UserActivity)
    assert [(s.step, s.previous_page) for s in steps] == [(1, None), (2, "/"), (3, "/aircraft/<id>")]
    assert len({s.session_id for s in steps}) == 1
    assert steps[0].dwell_ms is None
    assert 15 <= (steps[1].dwell_ms or 0) < 5000


@pytest.mark.parametrize(
    ("referrer", "source"),
    [
        ("http://localhost/", ViewSource.CATALOGUE),
        ("http://localhost/?q=secret#secret", ViewSource.CATALOGUE),
        ("http://localhost/aircraft/sukhoi-su-27", ViewSource.RELATED),
        ("http://localhost/compare?ids=a", ViewSource.COMPARE),
        ("http://localhost/analytics", ViewSource.ANALYTICS),
        ("https://search.example/?q=secret", ViewSource.DIRECT),
        ("android-app://com.example", ViewSource.DIRECT),
        ("http://[broken", ViewSource.DIRECT),
    ],
)
def test_the_page_before_tells_the_source_of_a_view(
    client: FlaskClient, world: World, referrer: str, source: ViewSource
) -> None:
    client.get(BOEING, headers={"Referer": referrer})
    view = world.sink.of(AircraftView)[0]
    assert view.source is source
    assert "secret" not in (view.referrer_url or "")


@pytest.mark.parametrize("signals", [{}, {"DNT": "1"}, {"Sec-GPC": "1"}])
def test_a_view_keeps_the_page_before_but_not_what_was_searched_there(
    client: FlaskClient, world: World, signals: dict[str, str]
) -> None:
    client.get(BOEING, headers={"Referer": "http://localhost/?q=my+name&country=US", **signals})
    assert world.sink.of(AircraftView)[0].referrer_url == "http://localhost/"


@pytest.mark.parametrize("signal", ["DNT", "Sec-GPC"])
def test_who_asks_not_to_be_tracked_leaves_no_address_and_no_browser(
    client: FlaskClient, world: World, signal: str
) -> None:
    client.get(BOEING, headers={signal: "1"})
    client.get("/?q=f16", headers={signal: "1"})
    for event in world.sink.events:
        assert event.client_ip is None
        assert getattr(event, "user_agent", None) is None


@pytest.mark.parametrize(("how", "kept"), [("none", None), ("full", "203.0.113.77")])
def test_the_operator_decides_what_is_kept_of_an_address(tmp_path: Path, how: str, kept: str | None) -> None:
    world = build_world(tmp_path, AIRCRAFT, client_ip=how)
    create_app(world.settings, deps=world.deps).test_client().get("/", environ_base={"REMOTE_ADDR": "203.0.113.77"})
    assert world.sink.events[0].client_ip == kept


def test_a_request_that_is_sent_again_makes_the_same_events(client: FlaskClient, world: World) -> None:
    key = str(uuid.uuid4())
    for _ in range(2):
        client.get(BOEING, headers={"Idempotency-Key": key})
    first, again = world.sink.of(AircraftView)
    assert first.event_id == again.event_id
    first_step, step_again = world.sink.of(UserActivity)
    assert first_step.event_id == step_again.event_id != first.event_id


def test_the_pages_that_one_key_goes_along_to_make_events_of_their_own(client: FlaskClient, world: World) -> None:
    key = {"Idempotency-Key": str(uuid.uuid4())}
    answer = client.get("/?q=f16&go=f-16", headers=key)
    for path in (answer.location or BOEING, "/", "/compare", "/?q=f16", "/api/v1/search?q=f16"):
        client.get(path, headers=key)
    ids = [event.event_id for event in world.sink.events]
    assert len(ids) > 6
    assert len(set(ids)) == len(ids)


def test_nobody_can_give_an_event_the_id_of_another(client: FlaskClient, world: World) -> None:
    client.get("/?q=f16")
    (search,) = world.sink.of(SearchQuery)
    client.get(BOEING, headers={"Idempotency-Key": str(search.event_id)})
    assert search.event_id not in {view.event_id for view in world.sink.of(AircraftView)}


def test_a_search_that_is_sent_again_is_the_same_search(client: FlaskClient, world: World) -> None:
    key = str(uuid.uuid4())
    for _ in range(2):
        client.get("/?q=f16", headers={"Idempotency-Key": key})
    assert len({search.event_id for search in world.sink.of(SearchQuery)}) == 1


@pytest.mark.parametrize("key", ["", "1", "x" * 36, "x" * 5000])
def test_a_key_that_is_no_uuid_is_ignored(client: FlaskClient, world: World, key: str) -> None:
    assert client.get(BOEING, headers={"Idempotency-Key": key}).status_code == 200
    assert world.sink.of(AircraftView)[0].event_id.version == 7


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", True),
        ("00-4bf9-00f0-01", False),
        ("x" * 55, False),
    ],
)
def test_a_trace_context_goes_along_when_it_is_one(client: FlaskClient, world: World, given: str, kept: bool) -> None:
    client.get("/", headers={"traceparent": given})
    assert world.sink.traces == [given if kept else None]


@pytest.mark.parametrize("trouble", [SpoolFullError("full"), EncodeError("no"), RuntimeError("a bug")])
@pytest.mark.parametrize("path", ["/", "/?q=f16", BOEING, "/compare", "/analytics", "/api/v1/search?q=f16"])
def test_a_page_is_served_when_no_event_is_accepted(
    client: FlaskClient, world: World, trouble: SpoolFullError | RuntimeError, path: str
) -> None:
    world.sink.trouble = trouble
    kind = "AircraftView" if path == BOEING else "SearchQuery" if "q=" in path else "UserActivity"
    counter = REFUSED.labels(kind, type(trouble).__name__)._value
    before = counter.get()
    answer = client.get(path)
    assert answer.status_code == 200
    assert ACCEPTED_HEADER not in answer.headers
    assert counter.get() == before + 1


def test_the_session_cookie_is_for_the_server_alone(client: FlaskClient) -> None:
    cookie = client.get("/").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie
    assert "Secure" in client.get("/", base_url="https://localhost").headers["Set-Cookie"]


@pytest.mark.parametrize("ahead", [{"Sec-Purpose": "prefetch"}, {"Sec-Purpose": "prefetch;prerender"}])
def test_what_is_fetched_ahead_was_not_looked_at(client: FlaskClient, world: World, ahead: dict[str, str]) -> None:
    answer = client.get(BOEING, headers=ahead)
    assert answer.status_code == 200
    assert world.sink.events == []
    assert "Set-Cookie" not in answer.headers


def test_a_page_asked_for_without_its_content_was_not_looked_at(client: FlaskClient, world: World) -> None:
    assert client.head(BOEING).status_code == 200
    assert world.sink.events == []


def test_an_error_page_reports_nothing(client: FlaskClient, world: World) -> None:
    assert client.get("/aircraft/unknown").status_code == 404
    assert client.get("/nowhere").status_code == 404
    assert world.sink.events == []
