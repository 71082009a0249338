"""What any HTTP client meets: content types, methods, sizes, credentials."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hangarstack.registry.embedded.app import MAX_BODY
from hangarstack.settings import Secret, Settings
from tests.embedded.registry.schemas import fresh, record
from tests.support.registry import Registry, running

V1 = "application/vnd.schemaregistry.v1+json"


@pytest.mark.parametrize(
    ("accept", "answered"),
    [
        ("*/*", V1),
        (f"{V1}, application/vnd.schemaregistry+json, application/json", V1),
        ("application/vnd.schemaregistry+json", "application/vnd.schemaregistry+json"),
        ("text/html, application/json;q=0.9", "application/json"),
    ],
)
def test_the_content_type_is_the_first_of_ours_that_the_client_takes(
    registry: Registry, accept: str, answered: str
) -> None:
    answer = registry.ask("GET", "/subjects", headers={"Accept": accept})
    assert (answer.status, answer.content_type) == (200, answered)


def test_a_client_that_takes_none_of_ours_is_406(registry: Registry) -> None:
    answer = registry.ask("GET", "/subjects", headers={"Accept": "text/html"})
    assert (answer.status, answer.body["error_code"]) == (406, 406)


def test_a_body_of_another_content_type_is_415(registry: Registry) -> None:
    answer = registry.ask(
        "PUT", "/config", b"compatibility=NONE", {"Content-Type": "application/x-www-form-urlencoded"}
    )
    assert answer.body == {"error_code": 415, "message": "HTTP 415 Unsupported Media Type"}
    fine = registry.ask("PUT", f"/config/{fresh()}", b'{"compatibility":"NONE"}', {"Content-Type": "application/json"})
    assert fine.status == 200


@pytest.mark.parametrize("path", ["/nothing", "/subjects/s/versions/1/nothing", "/schemas/ids/one", "/schemas/ids/-1"])
def test_an_unknown_path_is_404(registry: Registry, path: str) -> None:
    answer = registry.ask("GET", path)
    assert answer.status == 404
    assert answer.body == {"error_code": 404, "message": "HTTP 404 Not Found"}


def test_a_method_that_a_path_does_not_take_is_405(registry: Registry) -> None:
    answer = registry.ask("PUT", "/subjects")
    assert answer.body == {"error_code": 405, "message": "HTTP 405 Method Not Allowed"}


def test_head_answers_as_get_does_without_the_body(registry: Registry) -> None:
    answer = registry.ask("HEAD", "/subjects")
    assert (answer.status, answer.body) == (200, "")


@pytest.mark.parametrize(("body", "status"), [(b"{", 400), (b"[" * 100_000, 400), (b"[]", 422), (b"", 400)])
def test_a_body_that_is_no_json_object_is_refused(registry: Registry, body: bytes, status: int) -> None:
    answer = registry.ask("POST", f"/subjects/{fresh()}/versions", body)
    assert (answer.status, answer.body["error_code"]) == (status, status)


def test_a_schema_of_five_megabytes_is_taken_and_a_larger_request_is_413(registry: Registry) -> None:
    large = {**record("a", name="Large"), "doc": "x" * 5_000_000}
    assert registry.register(fresh(), large)
    answer = registry.ask("POST", f"/subjects/{fresh()}/versions", b" " * (MAX_BODY + 1))
    assert (answer.status, answer.body["error_code"]) == (413, 413)


def test_a_schema_with_any_character_comes_back_as_it_was(registry: Registry) -> None:
    subject = fresh()
    schema = {**record("a"), "doc": 'é 値 \U0001f6e9 \u0001 " \\'}
    registry.register(subject, schema)
    held = registry.ask("GET", f"/subjects/{subject}/versions/latest")
    assert json.loads(held.body["schema"]) == schema


def test_half_a_character_is_refused(registry: Registry) -> None:
    path = f"/subjects/{fresh()}/versions"
    within = registry.ask("POST", path, {"schema": json.dumps({**record("a"), "doc": "\ud800"})})
    assert (within.status, within.body["error_code"]) == (422, 42201)
    around = registry.ask("POST", path, {"schema": '"int"', "metadata": {"properties": {"a": "\ud800"}}})
    assert (around.status, around.body["error_code"]) == (400, 400)


def test_a_page_of_another_site_is_not_answered(registry: Registry) -> None:
    answer = registry.ask("GET", "/subjects", headers={"Sec-Fetch-Site": "cross-site"})
    assert (answer.status, answer.body["error_code"]) == (403, 403)
    assert registry.ask("GET", "/subjects", headers={"Sec-Fetch-Site": "same-origin"}).status == 200


def test_too_many_parameters_are_refused(registry: Registry) -> None:
    assert registry.ask("GET", "/subjects?" + "a=1&" * 200).status == 400


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
_FIELDS = [
    "schema",
    "schemaType",
    "references",
    "metadata",
    "ruleSet",
    "version",
    "id",
    "compatibility",
    "mode",
    "alias",
]
_BODY = st.dictionaries(st.sampled_from(_FIELDS), _JSON | st.sampled_from(['"int"', '{"type":"record"}', "AVRO"]))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=_BODY, query=st.sampled_from(["", "?normalize=true&verbose=true&force=true"]), path=st.text(max_size=5))
def test_no_body_makes_the_server_fail(registry: Registry, body: object, query: str, path: str) -> None:
    subject = quote(f"any{path}", safe="")
    calls = [
        ("POST", f"/subjects/{subject}/versions"),
        ("POST", f"/subjects/{subject}"),
        ("POST", f"/compatibility/subjects/{subject}/versions"),
        ("PUT", f"/config/{subject}"),
        ("PUT", f"/mode/{subject}"),
        ("DELETE", f"/mode/{subject}"),
        ("DELETE", f"/config/{subject}"),
    ]
    for method, call in calls:
        answer = registry.ask(method, call + query, body)
        assert answer.status < 500, (method, call, answer)


def test_the_server_tells_about_itself(registry: Registry) -> None:
    assert registry.ask("GET", "/").body == {}
    assert registry.ask("POST", "/", {}).body == {}
    assert registry.ask("GET", "/v1/metadata/id").body["scope"]["path"] == []
    assert registry.ask("GET", "/v1/metadata/version").body["version"].startswith("hangarstack-")


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[Registry]:
    with running(Settings(home=tmp_path, registry_username="me", registry_password=Secret("pa:ss-é"))) as started:
        yield started


def basic(credentials: str) -> dict[str, str]:
    return {"Authorization": f"Basic {base64.b64encode(credentials.encode()).decode()}"}


@pytest.mark.parametrize(
    "headers",
    [{}, basic("me:wrong"), basic("you:pa:ss-é"), {"Authorization": "Basic !"}, {"Authorization": "Bearer x"}],
)
def test_without_the_right_credentials_everything_is_401(guarded: Registry, headers: dict[str, str]) -> None:
    for method, path in (("GET", "/subjects"), ("DELETE", "/subjects/s"), ("GET", "/nothing")):
        answer = guarded.ask(method, path, headers=headers)
        assert (answer.status, answer.body) == (401, {"error_code": 401, "message": "Unauthorized"})


def test_with_the_right_credentials_it_answers(guarded: Registry) -> None:
    assert guarded.ask("GET", "/subjects", headers=basic("me:pa:ss-é")).body == []


def test_a_health_check_needs_no_credentials(guarded: Registry) -> None:
    assert guarded.ask("GET", "/").status == 200
