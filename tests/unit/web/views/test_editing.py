from __future__ import annotations

import re
import threading
import uuid
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from hangarstack.errors import EncodeError
from hangarstack.events import Action, DataUpdate, Operation, UserActivity
from hangarstack.web.tracking import ACCEPTED_HEADER, IDEMPOTENCY_HEADER
from tests.unit.web.fakes import World

EDIT = "/aircraft/boeing-737-800/edit"
HERE = {"Origin": "http://localhost"}


def filled(client: FlaskClient, path: str = EDIT) -> dict[str, str]:
    """Return what a browser would send of the form as it is shown."""
    page = client.get(path).text
    fields: dict[str, str] = {}
    for tag in re.findall(r"<input [^>]+>", page):
        given = dict(re.findall(r'([a-z-]+)="([^"]*)"', tag))
        if given.get("type") in {"hidden", "text"} or (given.get("type") == "checkbox" and "checked" in tag):
            fields[given["name"]] = unescape(given.get("value", ""))
    for name, text in re.findall(r'<textarea [^>]*name="([^"]+)"[^>]*>([^<]*)<', page):
        fields[name] = unescape(text)
    for name, options in re.findall(r'<select [^>]*name="([^"]+)"[^>]*>(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', options)
        fields[name] = chosen[1] if chosen else ""
    return fields


def send(client: FlaskClient, fields: dict[str, str], **changes: str) -> TestResponse:
    data = fields | {path.replace("__", "."): text for path, text in changes.items()}
    return client.post(EDIT, data=data, headers=HERE)


def stored_range(world: World) -> float | None:
    world.catalogue.refresh()
    return world.catalogue.get("boeing-737-800").number("performance.range_km")


def test_an_edit_writes_the_change_and_its_event(client: FlaskClient, world: World) -> None:
    answer = send(client, filled(client), performance__range_km="5446", reason="A newer source")
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/aircraft/boeing-737-800?saved=2"
    assert answer.headers[ACCEPTED_HEADER] == "DataUpdate, UserActivity"
    (event,) = world.outbox.events
    assert isinstance(event, DataUpdate)
    assert (event.operation, event.version, event.reason) == (Operation.UPDATED, 2, "A newer source")
    assert [(c.path, c.before, c.after) for c in event.changes] == [("performance.range_km", "5436", "5446")]
    assert event.actor.startswith("visitor-")
    step = world.sink.of(UserActivity)[-1]
    assert (step.action, step.attributes["fields"]) == (Action.EDIT, "performance.range_km")
    page = client.get(answer.headers["Location"]).text
    assert "Saved. This is version 2" in page
    assert "5,446 km" in page


def test_an_edit_whose_answer_was_lost_is_answered_again_and_counted_once(client: FlaskClient, world: World) -> None:
    form = filled(client) | {"performance.range_km": "5446"}
    headers = HERE | {IDEMPOTENCY_HEADER: str(uuid.uuid4())}
    first, again = [client.post(EDIT, data=form, headers=headers) for _ in range(2)]
    assert (again.status_code, again.headers["Location"]) == (303, first.headers["Location"])
    assert again.headers[ACCEPTED_HEADER] == "DataUpdate, UserActivity"
    assert len(world.outbox.events) == 1
    one, other = world.sink.of(UserActivity)[-2:]
    assert one.event_id == other.event_id
    assert client.post(EDIT, data=form, headers=HERE).status_code == 409


def test_the_change_and_its_event_commit_together_or_not_at_all(client: FlaskClient, world: World) -> None:
    fields = filled(client)
    world.outbox.trouble = EncodeError("no room for it")
    client.application.testing = False
    assert send(client, fields, performance__range_km="5446").status_code == 500
    assert stored_range(world) == 5436
    assert world.outbox.events == []


def test_an_edit_that_the_database_keeps_waiting_leaves_the_other_threads_to_pages(
    app: Flask, client: FlaskClient, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    form, held, free = filled(client), threading.Event(), threading.Event()
    other = app.test_client()
    others = filled(other)

    def hold() -> None:
        held.set()
        free.wait(20)

    world.outbox.hold = hold
    first = threading.Thread(target=send, args=(client, form), kwargs={"performance__range_km": "5446"})
    first.start()
    try:
        assert held.wait(10)
        answer = send(other, others, performance__range_km="5447")
    finally:
        free.set()
        first.join(10)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "keeps earlier edits waiting" in caplog.text
    assert stored_range(world) == 5446


def test_the_schema_refuses_field_by_field_and_what_was_typed_is_kept(client: FlaskClient, world: World) -> None:
    answer = send(
        client,
        filled(client),
        dimensions__length_m="35,8",
        weights__max_takeoff_kg="9999999",
        icao="b738",
        name="",
        performance__range_km="5446",
    )
    assert answer.status_code == 422
    page = unescape(answer.text)
    for path, sentence in (
        ("dimensions.length_m", "must be a number"),
        ("weights.max_takeoff_kg", "must be at most 700000"),
        ("icao", "does not fit: ICAO Doc 8643 type designator"),
        ("name", "is required"),
    ):
        field = re.search(rf'id="e-{re.escape(path)}">([^<]+)<', page)
        assert field is not None
        assert sentence in field[1]
    assert 'value="35,8"' in page
    assert 'value="5446"' in page
    assert "4 fields need another look. Nothing was saved." in page
    assert world.outbox.events == []
    assert stored_range(world) == 5436


def test_a_form_that_changes_nothing_writes_nothing(client: FlaskClient, world: World) -> None:
    answer = send(client, filled(client))
    assert answer.status_code == 200
    assert "Nothing was changed, so nothing was saved." in answer.text
    assert world.outbox.events == []


def test_a_form_that_was_overtaken_takes_over_what_its_visitor_did_not_touch(client: FlaskClient) -> None:
    other = client.application.test_client()
    mine, theirs = filled(client), filled(other)
    assert send(other, theirs, country="CA").status_code == 303
    page = unescape(send(client, mine, performance__range_km="5446").text)
    assert '<option value="CA" selected>' in page
    assert 'value="5446"' in page


def test_two_editors_at_once_and_the_second_is_told(client: FlaskClient, world: World) -> None:
    other = client.application.test_client()
    mine, theirs = filled(client), filled(other)
    assert send(other, theirs, performance__range_km="5500").status_code == 303
    answer = send(client, mine, performance__range_km="5446")
    assert answer.status_code == 409
    page = unescape(answer.text)
    assert "Somebody else has changed this aircraft" in page
    assert "is now “5500”" in page
    assert 'value="5446"' in page
    assert len(world.outbox.events) == 1
    again = dict(mine, version=re.search(r'name="version" value="(\d+)"', page)[1])  # type: ignore[index] # asserted by use
    assert send(client, again, performance__range_km="5446").status_code == 303
    assert stored_range(world) == 5446


@pytest.mark.parametrize("version", ["", "0", "x", "99999999999999999999", "-1"])
def test_a_senseless_version_is_a_conflict(client: FlaskClient, version: str) -> None:
    assert send(client, filled(client), version=version, name="Another name").status_code == 409


@pytest.mark.parametrize("token", ["", "x", "é", "0" * 32])
def test_a_form_without_the_sessions_token_is_refused_and_kept(client: FlaskClient, world: World, token: str) -> None:
    answer = send(client, filled(client), token=token, performance__range_km="5446")
    assert answer.status_code == 403
    assert 'value="5446"' in answer.text
    assert world.outbox.events == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
    ],
)
def test_another_site_cannot_send_the_form(client: FlaskClient, world: World, headers: dict[str, str]) -> None:
    fields = filled(client)
    answer = client.post(EDIT, data=fields | {"name": "Another"}, headers=headers)
    assert answer.status_code == 403
    assert world.outbox.events == []


def test_a_form_of_an_ended_session_can_be_sent_again(client: FlaskClient) -> None:
    fields = filled(client)
    client.delete_cookie("hangarstack_session")
    answer = send(client, fields, name="Boeing 737-800 NG")
    assert answer.status_code == 403
    token = re.search(r'name="token" value="([0-9a-f]+)"', answer.text)
    assert token is not None
    assert send(client, fields, token=token[1], name="Boeing 737-800 NG").status_code == 303


def test_fields_that_the_form_does_not_have_are_ignored(client: FlaskClient, world: World) -> None:
    answer = client.post(EDIT, data=filled(client) | {"id": "hacked", "history": "[]", "q": "x"}, headers=HERE)
    assert "Nothing was changed" in answer.text
    assert world.outbox.events == []


def test_an_unknown_aircraft_cannot_be_edited(client: FlaskClient) -> None:
    assert client.get("/aircraft/x-wing/edit").status_code == 404
    assert client.post("/aircraft/x-wing/edit", data={}, headers=HERE).status_code == 404


def test_a_form_larger_than_64_kb_is_refused(client: FlaskClient) -> None:
    assert send(client, {"summary": "x" * 70_000}).status_code == 413


def test_a_long_reason_is_cut(client: FlaskClient, world: World) -> None:
    send(client, filled(client), performance__range_km="5446", reason="y" * 1000)
    assert len(world.outbox.events[0].reason) == 300


@pytest.mark.parametrize("character", ["\0", "\x07", "\x1b", "\x7f", "\x85", "\u202e", "\u2066", "\n", "\t"])
def test_a_control_character_is_refused_at_its_field_and_left_out_of_what_is_shown(
    client: FlaskClient, world: World, character: str
) -> None:
    name, length = f"Boeing{character} 737-800 NG", f"39{character}.5"
    answer = send(client, filled(client), name=name, dimensions__length_m=length)
    assert answer.status_code == 422
    page = unescape(answer.text)
    for path in ("name", "dimensions.length_m"):
        assert re.search(rf'id="e-{re.escape(path)}">[^<]*cannot be seen', page)
    assert "2 fields need another look" in page
    assert 'value="Boeing 737-800 NG"' in page
    assert 'value="39.5"' in page
    assert world.outbox.events == []


@pytest.mark.parametrize("character", ["\0", "\x0b", "\u202e"])
def test_a_text_of_several_lines_holds_no_other_control_character(
    client: FlaskClient, world: World, character: str
) -> None:
    summary = filled(client)["summary"]
    assert send(client, filled(client), summary=f"{summary}{character}x").status_code == 422
    assert send(client, filled(client), summary=f"{summary}\r\n\tx").status_code == 303
    assert world.outbox.events[0].changes[0].path == "summary"


def test_a_reason_is_kept_without_control_characters(client: FlaskClient, world: World) -> None:
    send(client, filled(client), performance__range_km="5446", reason="A\0 newer\x1b source")
    assert world.outbox.events[0].reason == "A newer source"
