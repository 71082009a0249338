from __future__ import annotations

import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from hangarstack.events import Action, UserActivity
from hangarstack.web.tracking import ACCEPTED_HEADER
from tests.unit.web.fakes import World

LEAVE = {"action": "LEAVE", "page": "/aircraft/<id>", "dwell_ms": 4200, "aircraft_id": "boeing-737-800"}


def send(client: FlaskClient, report: Any, **headers: str) -> TestResponse:
    data = report if isinstance(report, bytes) else json.dumps(report)
    return client.post("/api/v1/activity", data=data, headers=headers or {"Origin": "http://localhost"})


def test_leaving_a_page_is_reported_with_how_long_it_was_looked_at(client: FlaskClient, world: World) -> None:
    client.get("/aircraft/boeing-737-800")
    answer = send(client, LEAVE)
    assert answer.status_code == 204
    assert answer.headers[ACCEPTED_HEADER] == "UserActivity"
    leave = world.sink.of(UserActivity)[-1]
    assert (leave.action, leave.dwell_ms, leave.step) == (Action.LEAVE, 4200, 1)
    assert dict(leave.attributes) == {"aircraft_id": "boeing-737-800"}
    assert leave.session_id == world.sink.of(UserActivity)[0].session_id


def test_a_report_does_not_move_the_visit(client: FlaskClient, world: World) -> None:
    client.get("/")
    assert "Set-Cookie" not in send(client, {"action": "COMPARE", "page": "/"}).headers
    client.get("/compare")
    assert world.sink.of(UserActivity)[-1].step == 2


def test_who_has_seen_no_page_has_nothing_to_report(client: FlaskClient, world: World) -> None:
    answer = send(client, LEAVE)
    assert answer.status_code == 204
    assert world.sink.events == []


@pytest.mark.parametrize(
    "report",
    [
        b"",
        b"\xff",
        b"[]",
        b"[" * 2000,
        {"action": "PAGE_VIEW", "page": "/"},
        {"action": "LEAVE", "page": "/admin"},
        {"action": "LEAVE"},
        LEAVE | {"dwell_ms": -1},
        LEAVE | {"dwell_ms": True},
        LEAVE | {"dwell_ms": 10**12},
        LEAVE | {"dwell_ms": "long"},
    ],
)
def test_a_senseless_report_is_refused(client: FlaskClient, world: World, report: Any) -> None:
    client.get("/")
    assert send(client, report).status_code == 400
    assert len(world.sink.events) == 1


def test_an_unknown_aircraft_is_left_out(client: FlaskClient, world: World) -> None:
    client.get("/")
    send(client, LEAVE | {"aircraft_id": "x" * 1000})
    assert dict(world.sink.of(UserActivity)[-1].attributes) == {}


def test_a_large_report_is_refused(client: FlaskClient) -> None:
    assert send(client, b"x" * 2049).status_code == 413


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Accept": "*/*"}]
)
def test_only_a_page_of_this_site_may_report(client: FlaskClient, headers: dict[str, str]) -> None:
    client.get("/")
    assert send(client, LEAVE, **headers).status_code == 403
