"""Associations of many resources in one request, and schemas listed by theirs."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.embedded.registry.associations import NAMESPACE, code, create, held, request, schema, wanted
from tests.embedded.registry.schemas import fresh, optional, record
from tests.support.registry import Registry

_ANY = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=5)
    | st.sampled_from(["topic", "key", "STRONG", "WEAK"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)
_INFO = st.fixed_dictionaries(
    {},
    optional={
        "opType": st.sampled_from(["CREATE", "UPSERT", "DELETE"]) | _ANY,
        "schema": st.just({"schema": '"int"'}) | _ANY,
        **dict.fromkeys(("subject", "associationType", "lifecycle", "frozen", "normalize", "cascadeLifecycle"), _ANY),
    },
)
_REQUEST = st.fixed_dictionaries(
    {},
    optional={
        "associations": st.lists(_INFO, max_size=3) | _ANY,
        **dict.fromkeys(("resourceName", "resourceNamespace", "resourceId"), st.just("n") | _ANY),
        **dict.fromkeys(("resourceType", "associationTypes", "lifecycle"), _ANY),
    },
)


@pytest.fixture
def topic() -> str:
    return f"topic-{uuid.uuid4().hex}"


@pytest.fixture
def subject(registry: Registry) -> str:
    """A subject with one version."""
    name = fresh()
    registry.register(name, record("a"))
    return name


def mutate(registry: Registry, *requests: object, query: str = "") -> list[Any]:
    answer = registry.ask("POST", f"/associations:batchMutate{query}", {"requests": list(requests)})
    assert answer.status == 200, answer
    found: list[Any] = answer.body["results"]
    return found


def get(registry: Registry, *requests: object, query: str = "") -> list[Any]:
    answer = registry.ask("POST", f"/associations:batchGet{query}", {"requests": list(requests)})
    assert answer.status == 200, answer
    found: list[Any] = answer.body["results"]
    return found


def test_each_resource_of_a_batch_is_answered_by_itself(registry: Registry, topic: str, subject: str) -> None:
    fine = request(topic, wanted(subject, opType="CREATE"))
    bad = request(f"{topic}-2", wanted(fresh("nobody"), opType="CREATE"))
    results = mutate(registry, bad, fine)
    assert results[0]["error"]["error_code"] == 40907
    assert "nobody" in results[0]["error"]["message"]
    info = {"subject": subject, "associationType": "value", "lifecycle": "WEAK", "frozen": False}
    assert results[1]["result"]["associations"] == [info]
    assert results[1]["result"]["resourceId"] == f"id-of-{topic}"
    assert held(registry, topic, "subject") == [(subject,)]


def test_a_resource_of_a_batch_is_done_whole_or_not_at_all(registry: Registry, topic: str, subject: str) -> None:
    key = fresh()
    asked = [
        wanted(key, opType="CREATE", associationType="key", schema=schema(record("k"))),
        wanted(subject, opType="UPSERT"),
        wanted(opType="DELETE", associationType="key"),
        wanted(opType="DELETE", associationType="key"),
    ]
    (refused,) = mutate(registry, request(topic, *asked))
    assert refused["error"]["error_code"] == 40410
    assert held(registry, topic) == []
    assert registry.ask("GET", f"/subjects/{key}/versions").status == 404
    (done,) = mutate(registry, request(topic, *asked[:3]))
    assert [each["associationType"] for each in done["result"]["associations"]] == ["value"]
    assert registry.ask("GET", f"/subjects/{key}/versions").body == [1]


def test_a_batch_registers_and_deletes_with_its_subjects(registry: Registry, topic: str) -> None:
    (made,) = mutate(registry, request(topic, wanted(opType="CREATE", schema=schema(record("a")))))
    (info,) = made["result"]["associations"]
    assert (info["lifecycle"], info["frozen"], info["schema"]["version"]) == ("STRONG", True, 1)
    (refused,) = mutate(registry, request(topic, wanted(opType="DELETE")))
    assert refused["error"]["error_code"] == 40908
    (gone,) = mutate(registry, request(topic, wanted(opType="DELETE", cascadeLifecycle=True)))
    assert "associations" not in gone["result"]
    assert registry.ask("GET", f"/subjects/{info['subject']}/versions").status == 404


def test_a_dry_run_of_a_batch_keeps_nothing(registry: Registry, topic: str, subject: str) -> None:
    fine = request(topic, wanted(subject, opType="CREATE"), resourceId=None)
    bad = request(topic, wanted(fresh("nobody"), opType="UPSERT"))
    results = mutate(registry, fine, bad, query="?dryRun=true")
    resource = {"resourceName": topic, "resourceNamespace": NAMESPACE, "resourceType": "topic"}
    assert results[0] == {"result": resource}
    assert results[1]["error"]["error_code"] == 40907
    assert held(registry, topic) == []


@pytest.mark.parametrize(
    ("operation", "number"),
    [({"opType": "MERGE"}, 42212), ({}, 42212), ({"opType": 7}, 422), ({"opType": None}, 42212)],
)
def test_an_unknown_operation_is_refused(
    registry: Registry, topic: str, subject: str, operation: dict[str, Any], number: int
) -> None:
    (refused,) = mutate(registry, request(topic, {"subject": subject, **operation}))
    assert refused["error"]["error_code"] == number


@pytest.mark.parametrize("path", ["/associations:batchGet", "/associations:batchMutate"])
def test_an_empty_batch_is_refused(registry: Registry, path: str) -> None:
    assert code(registry.ask("POST", path, {})) == (422, 42212)
    assert code(registry.ask("POST", path, {"requests": []})) == (422, 42212)
    assert code(registry.ask("POST", path, {"requests": [7]})) == (422, 422)


def test_many_resources_are_read_at_once(registry: Registry, topic: str, subject: str) -> None:
    create(registry, topic, wanted(subject), wanted(subject, associationType="key"))
    by_id, by_name, filtered, unknown, unnamed = get(
        registry,
        {"resourceId": f"id-of-{topic}"},
        {"resourceName": topic, "resourceNamespace": NAMESPACE, "associationTypes": ["key"]},
        {"resourceId": f"id-of-{topic}", "lifecycle": "STRONG"},
        {"resourceId": "nobody"},
        {"resourceName": topic},
    )
    assert [each["associationType"] for each in by_id["result"]["associations"]] == ["key", "value"]
    assert (by_id["result"]["resourceName"], by_id["result"]["resourceNamespace"]) == (topic, NAMESPACE)
    assert [each["associationType"] for each in by_name["result"]["associations"]] == ["key"]
    assert by_name["result"]["resourceId"] == f"id-of-{topic}"
    assert "associations" not in filtered["result"]
    assert (unknown["result"]["resourceId"], "associations" in unknown["result"]) == ("nobody", False)
    assert unnamed["error"]["error_code"] == 42212
    assert "schema" not in by_id["result"]["associations"][0]


def test_resources_are_read_with_the_latest_schemas(registry: Registry, topic: str, subject: str) -> None:
    registry.register(subject, record("a", optional("b")))
    create(registry, topic, wanted(subject))
    (found,) = get(registry, {"resourceId": f"id-of-{topic}"}, query="?includeSchemas=true")
    assert found["result"]["associations"][0]["schema"] == registry.ask("GET", f"/subjects/{subject}/versions/2").body


@pytest.mark.parametrize("fields", [{"associationTypes": "key"}, {"associationTypes": [7]}, {"resourceId": 7}])
def test_a_question_of_another_form_is_refused(registry: Registry, fields: dict[str, Any]) -> None:
    (refused,) = get(registry, {"resourceId": "r", **fields})
    assert refused["error"]["error_code"] == 422


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=_REQUEST, query=st.sampled_from(["", "?dryRun=true", "?context=.fuzz", "?includeSchemas=true"]))
def test_no_request_makes_the_server_fail(registry: Registry, body: object, query: str) -> None:
    batch = {"requests": [body]}
    calls = [
        ("POST", "/associations", body),
        ("PUT", "/associations/resources/n", body),
        ("POST", "/associations:batchMutate", batch),
        ("POST", "/associations:batchGet", batch),
        ("DELETE", "/associations/resources/n", None),
    ]
    for method, path, sent in calls:
        answer = registry.ask(method, path + query, sent)
        assert answer.status < 500, (method, path, answer)


def test_schemas_are_listed_by_their_associations(registry: Registry) -> None:
    prefix = f"list{uuid.uuid4().hex}"
    shared, its_own, free = (f"{prefix}-{name}" for name in ("shared", "own", "free"))
    registry.register(shared, record("a"))
    registry.register(free, record("a"))
    create(registry, f"{prefix}-1", wanted(shared, associationType="key"))
    create(registry, f"{prefix}-2", wanted(its_own, lifecycle="STRONG", schema=schema(record("a"))))

    def listed(query: str) -> dict[str, list[str]]:
        found = registry.ask("GET", f"/schemas?subjectPrefix={prefix}&{query}").body
        return {
            each["subject"].removeprefix(f"{prefix}-"): [one["resourceName"] for one in each.get("associations", [])]
            for each in found
        }

    both = {"own": [f"{prefix}-2"], "shared": [f"{prefix}-1"]}
    assert listed("") == {"free": [], "own": [], "shared": []}
    assert listed("resourceType=topic") == both
    assert listed("lifecycle=WEAK") == {"shared": both["shared"]}
    assert listed("lifecycle=STRONG&lifecycle=WEAK") == both
    assert listed("lifecycle=NONE") == {"free": []}
    assert listed("lifecycle=STRONG&lifecycle=NONE") == {"free": [], "own": both["own"]}
    assert listed("associationType=key") == {"shared": both["shared"]}
    assert code(registry.ask("GET", "/schemas?lifecycle=MIDDLING")) == (422, 42212)
