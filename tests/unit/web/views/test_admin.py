from __future__ import annotations

import re
import threading
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse
from werkzeug.wrappers import Request

from hangarstack.deadletters.ledger import Actor
from hangarstack.deadletters.letter import LetterId
from hangarstack.errors import BrokerUnavailableError, RepairBusyError
from hangarstack.settings import Secret, Settings
from hangarstack.web.admission import Admission, NotAdmittedError
from hangarstack.web.app import create_app
from hangarstack.web.views import admin
from tests.support.consumer_fakes import ManualClock
from tests.unit.web.fake_desk import LETTERS
from tests.unit.web.fakes import World, build_world

PAGE = "/admin/dead-letters"
HERE = {"Origin": "http://localhost"}
SECOND = f"{LETTERS}/0/1"
Opened = Callable[..., tuple[World, FlaskClient]]


@pytest.fixture
def opened(tmp_path: Path) -> Opened:
    """Makes a site with settings of its own."""

    def make(**settings: str) -> tuple[World, FlaskClient]:
        secrets = {name: Secret(text) if name == "admin_password" else text for name, text in settings.items()}
        world = build_world(tmp_path, [], **secrets)
        return world, create_app(world.settings, deps=world.deps).test_client()

    return make


def token(client: FlaskClient) -> str:
    found = re.search(r'name="token" value="([0-9a-f]+)"', client.get(PAGE).text)
    assert found
    return found[1]


def post(client: FlaskClient, step: str, **fields: str | list[str]) -> TestResponse:
    return client.post(f"{PAGE}/{step}", data={"token": token(client), **fields}, headers=HERE)


def basic(name: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + b64encode(f"{name}:{password}".encode()).decode()}


def test_letters_are_listed_with_their_reasons_and_nothing_of_them_is_markup(client: FlaskClient) -> None:
    answer = client.get(PAGE)
    assert answer.status_code == 200
    assert "3 wait" in answer.text
    assert f'href="{PAGE}/{SECOND}"' in answer.text
    assert "&lt;script&gt;" in answer.text
    assert "<script>" not in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]


def test_filters_narrow_the_list_and_stay_in_the_form(client: FlaskClient, world: World) -> None:
    answer = client.get(PAGE, query_string={"service": "search-insights", "since": "2026-01-01", "error": "decode"})
    assert f"{LETTERS}/0/0" in answer.text
    assert SECOND not in answer.text
    assert 'value="search-insights"' in answer.text
    assert world.desk.asked[-1].since_ms == 1_767_225_600_000


@pytest.mark.parametrize(("name", "text"), [("since", "yesterday"), ("topic", "somebody.elses")])
def test_a_filter_that_makes_no_sense_is_named(client: FlaskClient, name: str, text: str) -> None:
    answer = client.get(PAGE, query_string={name: text})
    assert answer.status_code == 200
    assert text in answer.text
    assert "3 wait" not in answer.text


def test_without_kafka_the_page_says_so_and_still_tells_who_did_what(client: FlaskClient, world: World) -> None:
    post(client, "review", kind="replay", letter=SECOND)
    world.desk.trouble = BrokerUnavailableError("Kafka does not answer")
    answer = client.get(PAGE)
    assert "Kafka does not answer" in answer.text
    assert "local by web: replay, dry run: 1 replayed" in " ".join(answer.text.split())
    assert client.get(f"{PAGE}/{SECOND}").status_code == 503


def test_one_letter_is_shown_beside_its_error_and_schemas(client: FlaskClient) -> None:
    answer = client.get(f"{PAGE}/{SECOND}")
    assert answer.status_code == 200
    for part in ("boeing-737-800", "&lt;b&gt;&amp;", "Traceback", "id 9, version 3", "id 7", "dlq_replay_count"):
        assert part in answer.text


@pytest.mark.parametrize("path", ["hangarstack.aircraft.views.dlq/0/99", "hangarstack.aircraft.views.dlq/0/x"])
def test_a_letter_that_is_not_there_is_not_found(client: FlaskClient, path: str) -> None:
    assert client.get(f"{PAGE}/{path}").status_code in {404, 422}


def test_letters_of_other_topics_are_none_of_this_sites_business(client: FlaskClient, world: World) -> None:
    assert client.get(f"{PAGE}/payments.dlq/0/1").status_code == 422
    assert post(client, "carry-out", kind="replay", letter="payments.dlq/0/1").status_code == 422
    assert world.desk.orders == []


def test_a_replay_is_rehearsed_confirmed_and_done_by_name(client: FlaskClient, world: World) -> None:
    rehearsal = post(client, "review", kind="replay", letter=SECOND, service="popularity")
    assert rehearsal.status_code == 200
    assert f"<code>{SECOND}</code> would be replayed" in rehearsal.text
    assert f'name="letter" value="{SECOND}"' in rehearsal.text
    done = post(client, "carry-out", kind="replay", letter=SECOND, service="popularity")
    assert (done.status_code, done.headers["Location"]) == (303, f"{PAGE}?service=popularity&repair=2")
    assert [(kind, order.dry_run) for kind, order in world.desk.orders] == [("replay", True), ("replay", False)]
    assert world.desk.orders[-1][1].actor == Actor(name="local", via="web")
    assert "1 replayed" in client.get(done.headers["Location"]).text


def test_all_that_match_are_named_one_by_one_before_they_are_dropped(client: FlaskClient, world: World) -> None:
    rehearsal = post(client, "review", kind="drop", scope="matching", service="popularity")
    named = re.findall(r'name="letter" value="([^"]+)"', rehearsal.text)
    assert named == [f"{LETTERS}/0/1", f"{LETTERS}/0/2"]
    post(client, "carry-out", kind="drop", letter=named)
    kind, order = world.desk.orders[-1]
    assert (kind, order.dry_run, [str(one) for one in order.selection.letters]) == ("drop", False, named)


def test_a_dry_run_says_which_letters_cannot_be_replayed_and_why(opened: Opened) -> None:
    world, client = opened()
    world.desk.failures = {LetterId(LETTERS, 0, 2): "its record is <too large>"}
    text = post(client, "review", kind="replay", letter=SECOND).text
    assert f"<code>{LETTERS}/0/2</code> cannot be replayed: its record is &lt;too large&gt;" in text


@pytest.mark.parametrize("step", ["review", "carry-out"])
def test_a_form_of_another_site_changes_nothing(client: FlaskClient, world: World, step: str) -> None:
    fields = {"kind": "drop", "letter": SECOND}
    right = token(client)
    for headers, given in ((HERE, "0" * 32), ({"Origin": "https://evil.example"}, right), ({}, right)):
        answer = client.post(f"{PAGE}/{step}", data={**fields, "token": given}, headers=headers)
        assert answer.status_code == 403
    assert world.desk.orders == []


@pytest.mark.parametrize(
    "fields", [{"kind": "replay"}, {"kind": "burn", "letter": SECOND}, {"kind": "drop", "letter": "x"}]
)
def test_a_form_that_makes_no_sense_changes_nothing(client: FlaskClient, world: World, fields: dict[str, str]) -> None:
    assert post(client, "carry-out", **fields).status_code == 422
    assert world.desk.orders == []


def test_a_form_with_nothing_ticked_says_so_and_leads_back_to_the_letters_as_they_were_filtered(
    client: FlaskClient,
) -> None:
    answer = post(client, "review", kind="replay", service="popularity", since="2h")
    assert answer.status_code == 422
    assert "No letter was chosen. Tick some, or take all that match." in answer.text
    assert f'href="{PAGE}?service=popularity&amp;since=2h">Back to the letters' in answer.text
    assert "To the catalogue" not in answer.text


def test_a_sentence_that_begins_with_a_place_leaves_the_place_as_it_is_written(client: FlaskClient) -> None:
    answer = client.get(f"{PAGE}/payments.dlq/0/1")
    assert "payments.dlq: that is no topic of this platform." in answer.text
    assert f'href="{PAGE}">Back to the letters' in answer.text


def test_more_letters_than_a_form_takes_are_refused(client: FlaskClient, world: World) -> None:
    many = [f"{LETTERS}/0/{offset}" for offset in range(201)]
    assert post(client, "carry-out", kind="drop", letter=many).status_code == 422
    assert world.desk.orders == []


def test_a_repair_under_way_is_a_conflict(client: FlaskClient, world: World) -> None:
    right = token(client)
    world.desk.trouble = RepairBusyError("somebody else is at it")
    answer = client.post(f"{PAGE}/review", data={"token": right, "kind": "drop", "letter": SECOND}, headers=HERE)
    assert answer.status_code == 409


def test_only_one_thread_waits_for_kafka(client: FlaskClient) -> None:
    held, release = threading.Event(), threading.Event()

    def hold() -> None:
        with admin._alone():
            held.set()
            release.wait(10)

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait(10)
    try:
        assert "is being made just now" in client.get(PAGE).text
    finally:
        release.set()
        holder.join()
    assert "3 wait" in client.get(PAGE).text


def test_the_pages_say_nothing_to_analytics(client: FlaskClient, world: World) -> None:
    client.get(PAGE)
    client.get(f"{PAGE}/{SECOND}")
    assert world.sink.events == []


@pytest.mark.parametrize(
    "changes",
    [
        {"environ_overrides": {"REMOTE_ADDR": "192.0.2.7"}},
        {"environ_overrides": {"REMOTE_ADDR": ""}},
        {"environ_overrides": {"SERVER_PROTOCOL": "HTTP/1.0"}},
        {"headers": {"X-Forwarded-For": "127.0.0.1"}},
        {"headers": {"Forwarded": "for=127.0.0.1"}},
        {"headers": {"Via": "1.1 proxy"}},
        {"headers": {"Host": "aircraft.example"}},
    ],
)
def test_without_a_password_only_who_sits_at_this_machine_is_let_in(
    client: FlaskClient, changes: dict[str, dict[str, str]]
) -> None:
    for path in ("/admin", PAGE, f"{PAGE}/{SECOND}"):
        answer = client.get(path, **changes)
        assert answer.status_code == 403
        assert "HANGARSTACK_ADMIN_PASSWORD" in answer.text
        assert answer.headers["Cache-Control"] == "no-store"


def test_a_site_with_a_public_address_needs_a_password(opened: Opened) -> None:
    world, client = opened(public_url="https://aircraft.example")
    assert client.get(PAGE).status_code == 403
    assert world.desk.asked == []


def test_a_password_lets_in_from_anywhere_and_the_name_goes_into_the_audit(opened: Opened) -> None:
    world, client = opened(admin_password="correct horse", public_url="https://aircraft.example")
    outside = {"environ_overrides": {"REMOTE_ADDR": "192.0.2.7"}}
    asked = client.get(PAGE, **outside)
    assert asked.status_code == 401
    assert asked.headers["WWW-Authenticate"].startswith("Basic ")
    right = basic("Ada\x07", "correct horse")
    found = client.get(PAGE, headers=right, **outside)
    assert found.status_code == 200
    own = re.search(r'name="token" value="([0-9a-f]+)"', found.text)
    assert own
    fields = {"token": own[1], "kind": "drop", "letter": SECOND}
    headers = {**right, "Origin": "https://aircraft.example"}
    done = client.post(f"{PAGE}/carry-out", data=fields, headers=headers, **outside)
    assert done.status_code == 303
    assert world.desk.orders[-1][1].actor == Actor(name="Ada", via="web")


def ask(client: FlaskClient, address: str, password: str) -> int:
    where = {"REMOTE_ADDR": address}
    return client.get(PAGE, headers=basic("Ada", password), environ_overrides=where).status_code


@pytest.mark.parametrize(
    ("addresses", "elsewhere"),
    [
        ([f"198.51.100.{number}" for number in range(10)], "198.51.101.1"),
        ([f"2001:db8:7:{number}::{number}" for number in range(10)], "2001:db8:8::1"),
        ([f"::ffff:198.51.100.{number}" for number in range(10)], "::ffff:198.51.101.1"),
    ],
)
def test_ten_wrong_passwords_from_one_network_close_the_page_to_it_and_to_no_other(
    opened: Opened, addresses: list[str], elsewhere: str
) -> None:
    _, client = opened(admin_password="correct horse")
    assert [ask(client, address, "wrong") for address in addresses] == [401] * 10
    assert ask(client, addresses[0], "correct horse") == 429
    assert ask(client, elsewhere, "correct horse") == 200


def test_wrong_passwords_are_forgotten_after_a_minute() -> None:
    clock = ManualClock()
    admission = Admission(Settings(admin_password=Secret("correct horse")), clock.monotonic)
    request = Request({"REMOTE_ADDR": "192.0.2.8", "HTTP_AUTHORIZATION": basic("Ada", "wrong")["Authorization"]})
    for status in [401] * 10 + [429]:
        with pytest.raises(NotAdmittedError) as refused:
            admission.admit(request)
        assert refused.value.status == status
    clock.now += 61
    with pytest.raises(NotAdmittedError) as refused:
        admission.admit(request)
    assert refused.value.status == 401


def test_a_network_cannot_clear_its_wrong_passwords_by_asking_from_thousands_of_others() -> None:
    clock = ManualClock()
    admission = Admission(Settings(admin_password=Secret("correct horse")), clock.monotonic)

    def status(address: str) -> int:
        headers = basic("Ada", "wrong")["Authorization"]
        with pytest.raises(NotAdmittedError) as refused:
            admission.admit(Request({"REMOTE_ADDR": address, "HTTP_AUTHORIZATION": headers}))
        return refused.value.status

    others = [f"10.{number // 250}.{number % 250}.1" for number in range(999)]
    assert [status(address) for address in others] == [401] * 999
    assert [status("192.0.2.8") for _ in range(11)] == [401] * 10 + [429]
    assert [status(f"11.0.{number}.1") for number in range(250)] == [401] * 250
    assert status("192.0.2.8") == 429


def test_the_start_of_administration_leads_to_the_dead_letters(client: FlaskClient) -> None:
    assert client.get("/admin").headers["Location"] == PAGE
