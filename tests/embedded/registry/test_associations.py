"""Associations of topics with subjects: made, found, changed, ended, and what they forbid."""

from __future__ import annotations

import json
import time
import uuid
from typing import Any

import pytest

from tests.embedded.registry.associations import NAMESPACE, code, create, delete, held, put, request, schema, wanted
from tests.embedded.registry.schemas import fresh, optional, record
from tests.support.registry import Registry

STATE = ("associationType", "subject", "lifecycle", "frozen")


@pytest.fixture
def topic() -> str:
    return f"topic.{uuid.uuid4().hex}"


@pytest.fixture
def subject(registry: Registry) -> str:
    """A subject with one version."""
    name = fresh()
    registry.register(name, record("a"))
    return name


def own(topic: str, kind: str = "value") -> str:
    return f":.{NAMESPACE}:{topic}-{kind}"


def test_a_topic_is_associated_with_a_subject_and_found_by_each_of_its_names(
    registry: Registry, topic: str, subject: str
) -> None:
    made = create(registry, topic, wanted(subject, associationType="value"))
    info = {"subject": subject, "associationType": "value", "lifecycle": "WEAK", "frozen": False}
    resource = {
        "resourceName": topic,
        "resourceNamespace": NAMESPACE,
        "resourceId": f"id-of-{topic}",
        "resourceType": "topic",
    }
    assert (made.status, made.body) == (200, {**resource, "associations": [info]})
    paths = [
        f"subjects/{subject}",
        f"resources/id-of-{topic}",
        f"resources/{NAMESPACE}/{topic}",
        f"resources/-/{topic}",
    ]
    found = [registry.ask("GET", f"/associations/{path}").body for path in paths]
    assert found == [found[0]] * 4
    (one,) = found[0]
    assert {name: one[name] for name in {**resource, **info}} == {**resource, **info}
    assert str(uuid.UUID(one["guid"])) == one["guid"]
    assert one["createTs"] == one["updateTs"] > 0


def test_nothing_is_found_where_nothing_is_associated(registry: Registry, topic: str) -> None:
    for path in (f"subjects/{topic}", f"resources/{topic}", f"resources/-/{topic}"):
        answer = registry.ask("GET", f"/associations/{path}")
        assert (answer.status, answer.body) == (200, [])


def test_associations_are_filtered_and_paged(registry: Registry, topic: str, subject: str) -> None:
    key = fresh()
    create(registry, topic, wanted(key, associationType="key", lifecycle="STRONG", schema=schema(record("k"))))
    create(registry, topic, wanted(subject))

    def kinds(query: str) -> list[str]:
        found = registry.ask("GET", f"/associations/resources/id-of-{topic}?{query}").body
        return [each["associationType"] for each in found]

    assert kinds("") == ["key", "value"]
    assert kinds("associationType=key&associationType=value") == ["key", "value"]
    assert kinds("associationType=value") == ["value"]
    assert kinds("lifecycle=STRONG") == ["key"]
    assert kinds("resourceType=topic&lifecycle=WEAK&associationType=key") == []
    assert kinds("resourceType=other") == []
    assert kinds("limit=1") == ["key"]
    assert kinds("offset=1") == ["value"]
    assert code(registry.ask("GET", f"/associations/resources/-/{topic}?lifecycle=MIDDLING")) == (422, 42212)


def test_any_name_of_a_namespace_is_found_too(own_registry: Registry) -> None:
    own_registry.register("s", record("a"))
    for topic in ("b", "a"):
        create(own_registry, topic, wanted("s"))
    create(own_registry, "a", wanted("s"), resourceNamespace="other", resourceId="x")
    found = own_registry.ask("GET", f"/associations/resources/{NAMESPACE}/-").body
    assert [each["resourceName"] for each in found] == ["a", "b"]
    both = own_registry.ask("GET", "/associations/resources/-/a").body
    assert [each["resourceNamespace"] for each in both] == [NAMESPACE, "other"]


def test_a_schema_that_comes_with_its_topic_is_the_topics_own(registry: Registry, topic: str) -> None:
    made = create(registry, topic, wanted(schema=schema(record("a"))))
    assert held(registry, topic, *STATE) == [("value", own(topic), "STRONG", True)]
    (info,) = made.body["associations"]
    assert json.loads(info["schema"]["schema"]) == record("a")
    version = registry.ask("GET", f"/subjects/{own(topic)}/versions/1").body
    assert info["schema"] == version


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({"lifecycle": "WEAK", "schema": schema(record("a"))}, ("WEAK", False)),
        ({"schema": schema(record("a"))}, ("WEAK", False)),
        ({"lifecycle": "STRONG", "schema": schema(record("a"))}, ("STRONG", False)),
        ({"lifecycle": "STRONG", "frozen": False, "schema": schema(record("a"))}, ("STRONG", False)),
        ({"frozen": True, "schema": schema(record("a"))}, ("STRONG", True)),
    ],
)
def test_a_schema_is_registered_with_its_association(
    registry: Registry, topic: str, fields: dict[str, Any], state: tuple[str, bool]
) -> None:
    name = fresh()
    assert create(registry, topic, wanted(name, **fields)).status == 200
    assert held(registry, topic, "subject", "lifecycle", "frozen") == [(name, *state)]
    assert registry.ask("GET", f"/subjects/{name}/versions").body == [1]


def test_a_request_is_done_whole_or_not_at_all(registry: Registry, topic: str) -> None:
    key = fresh()
    refused = create(
        registry,
        topic,
        wanted(key, associationType="key", schema=schema(record("k"))),
        wanted(fresh("nobody"), associationType="value"),
    )
    assert code(refused) == (409, 40907)
    assert held(registry, topic) == []
    assert registry.ask("GET", f"/subjects/{key}/versions").status == 404


def test_a_dry_run_checks_everything_and_keeps_nothing(registry: Registry, topic: str) -> None:
    answer = create(registry, topic, wanted(schema=schema(record("a"))), query="?dryRun=true", resourceId=None)
    resource = {"resourceName": topic, "resourceNamespace": NAMESPACE, "resourceType": "topic"}
    assert (answer.status, answer.body) == (200, resource)
    assert registry.ask("GET", f"/subjects/{own(topic)}/versions").status == 404
    assert registry.ask("GET", f"/associations/resources/-/{topic}").body == []
    bad = create(registry, topic, wanted(schema=schema("nothing")), query="?dryRun=true")
    assert code(bad) == (422, 42201)


def test_a_dry_run_takes_no_id_away(own_registry: Registry) -> None:
    create(own_registry, "t", wanted(schema=schema(record("a"))), query="?dryRun=true")
    create(own_registry, "t", wanted(schema=schema(record("b"))))
    assert own_registry.ask("GET", f"/subjects/{own('t')}/versions/1").body["id"] == 1


def test_a_dry_run_without_an_id_meets_the_topic_that_has_the_name(
    registry: Registry, topic: str, subject: str
) -> None:
    create(registry, topic, wanted(schema=schema(record("a"))))
    again = create(registry, topic, wanted(schema=schema(record("a"))), query="?dryRun=true", resourceId=None)
    assert again.status == 200
    other = create(registry, topic, wanted(subject), query="?dryRun=true", resourceId=None)
    assert code(other) == (409, 40903)


def test_a_dry_run_meets_the_newest_topic_of_a_name(registry: Registry, topic: str, subject: str) -> None:
    create(registry, topic, wanted(subject, lifecycle="WEAK"), resourceId=f"z-{topic}")
    second = fresh()
    registry.register(second, record("a"))
    time.sleep(0.005)
    create(registry, topic, wanted(second), resourceId=f"a-{topic}")
    assert create(registry, topic, wanted(second), query="?dryRun=true", resourceId=None).status == 200
    assert code(create(registry, topic, wanted(subject), query="?dryRun=true", resourceId=None)) == (409, 40903)


def test_to_create_the_same_again_changes_nothing(registry: Registry, topic: str) -> None:
    asked = wanted(schema=schema(record("a")))
    first = create(registry, topic, asked)
    before = registry.ask("GET", f"/associations/resources/id-of-{topic}").body
    again = create(registry, topic, asked)
    assert (again.status, again.body) == (200, first.body)
    assert registry.ask("GET", f"/associations/resources/id-of-{topic}").body == before
    assert registry.ask("GET", f"/subjects/{own(topic)}/versions").body == [1]


@pytest.mark.parametrize(
    "fields", [{"lifecycle": "STRONG"}, {"schema": schema(record("new"))}, {"subject": "another"}, {"frozen": True}]
)
def test_to_create_another_of_a_type_is_a_conflict(
    registry: Registry, topic: str, subject: str, fields: dict[str, Any]
) -> None:
    create(registry, topic, wanted(subject))
    assert code(create(registry, topic, {"subject": subject, **fields})) == (409, 40903)
    assert held(registry, topic, *STATE) == [("value", subject, "WEAK", False)]


def test_a_subject_without_an_active_version_needs_a_schema(registry: Registry, topic: str, subject: str) -> None:
    assert code(create(registry, topic, wanted(fresh("nobody")))) == (409, 40907)
    registry.ask("DELETE", f"/subjects/{subject}")
    assert code(create(registry, topic, wanted(subject))) == (409, 40907)


def test_a_shared_subject_is_associated_with_many_topics(registry: Registry, topic: str, subject: str) -> None:
    names = [f"{topic}-{number}" for number in range(3)]
    for name in names:
        assert create(registry, name, wanted(subject)).status == 200
    found = registry.ask("GET", f"/associations/subjects/{subject}").body
    assert [each["resourceName"] for each in found] == names


def test_a_strong_association_is_the_only_one_of_its_subject(registry: Registry, topic: str, subject: str) -> None:
    create(registry, topic, wanted(subject))
    assert code(create(registry, f"{topic}-2", wanted(subject, lifecycle="STRONG"))) == (409, 40904)
    assert put(registry, topic, wanted(subject, lifecycle="STRONG")).status == 200
    assert code(create(registry, f"{topic}-2", wanted(subject))) == (409, 40905)
    assert code(put(registry, f"{topic}-2", wanted(subject))) == (409, 40905)
    assert code(create(registry, topic, wanted(subject, associationType="key"))) == (409, 40905)


def test_a_shared_subject_becomes_nobodys_own(registry: Registry, topic: str, subject: str) -> None:
    create(registry, topic, wanted(subject))
    create(registry, f"{topic}-2", wanted(subject))
    assert code(put(registry, topic, wanted(subject, lifecycle="STRONG"))) == (409, 40904)


def test_a_put_creates_what_is_not_there(registry: Registry, topic: str, subject: str) -> None:
    assert put(registry, topic, wanted(subject)).status == 200
    assert held(registry, topic, *STATE) == [("value", subject, "WEAK", False)]


def test_a_put_changes_what_it_names_alone(registry: Registry, topic: str, subject: str) -> None:
    create(registry, topic, wanted(subject))
    (before,) = registry.ask("GET", f"/associations/resources/id-of-{topic}").body
    time.sleep(0.005)
    answer = put(registry, topic, wanted(lifecycle="STRONG"))
    assert answer.body["associations"][0]["lifecycle"] == "STRONG"
    (after,) = registry.ask("GET", f"/associations/resources/id-of-{topic}").body
    assert after["updateTs"] > before["updateTs"]
    kept = {name: before[name] for name in before if name not in {"lifecycle", "updateTs"}}
    assert kept == {name: after[name] for name in kept}
    assert put(registry, topic, wanted()).body["associations"][0]["lifecycle"] == "STRONG"
    assert put(registry, topic, wanted(lifecycle="WEAK")).status == 200
    assert held(registry, topic, "lifecycle") == [("WEAK",)]


def test_a_put_brings_the_next_version(registry: Registry, topic: str) -> None:
    create(registry, topic, wanted(schema=schema(record("a"))))
    next_one = record("a", optional("b"))
    answer = put(registry, topic, wanted(schema=schema(next_one)))
    assert answer.body["associations"][0]["schema"]["version"] == 2
    breaking = put(registry, topic, wanted(schema=schema(record("a", "must"))))
    assert code(breaking) == (409, 409)
    assert registry.ask("GET", f"/subjects/{own(topic)}/versions").body == [1, 2]


def test_a_schema_brings_its_tags(registry: Registry, topic: str) -> None:
    tags = [{"schemaEntity": {"entityPath": "test.R", "entityType": "sr_record"}, "tags": ["ONE"]}]
    made = create(registry, topic, wanted(schema={**schema(record("a")), "schemaTagsToAdd": tags}))
    assert json.loads(made.body["associations"][0]["schema"]["schema"])["confluent:tags"] == ["ONE"]
    missing = [{"schemaEntity": {"entityPath": "test.X", "entityType": "sr_record"}, "tags": ["ONE"]}]
    refused = put(registry, topic, wanted(schema={**schema(record("a")), "schemaTagsToAdd": missing}))
    assert code(refused) == (422, 42201)


def test_a_schema_is_normalized_on_request(registry: Registry, topic: str) -> None:
    unsorted = {**record("a"), "zebra": 1, "ant": 2}
    made = create(registry, topic, wanted(schema=schema(unsorted), normalize=True))
    assert list(json.loads(made.body["associations"][0]["schema"]["schema"]))[-2:] == ["ant", "zebra"]


def test_a_subject_is_not_exchanged(registry: Registry, topic: str, subject: str) -> None:
    other = fresh()
    registry.register(other, record("a"))
    create(registry, topic, wanted(subject))
    assert code(put(registry, topic, wanted(other))) == (422, 42212)
    assert code(put(registry, topic, wanted(subject), resourceName=f"{topic}-2")) == (422, 42212)
    assert held(registry, topic, "subject", "resourceName") == [(subject, topic)]


def test_a_frozen_association_stays_as_it_is(registry: Registry, topic: str) -> None:
    create(registry, topic, wanted(schema=schema(record("a"))))
    refused = put(registry, topic, wanted(lifecycle="WEAK"))
    assert code(refused) == (409, 40908)
    assert code(put(registry, topic, wanted(frozen=False))) == (422, 42212)
    assert held(registry, topic, *STATE) == [("value", own(topic), "STRONG", True)]


def test_an_association_is_not_frozen_afterwards(registry: Registry, topic: str, subject: str) -> None:
    create(registry, topic, wanted(subject, lifecycle="STRONG"))
    refused = put(registry, topic, wanted(frozen=True))
    assert code(refused) == (422, 42212)
    assert "frozen attribute of association cannot be changed" in refused.body["message"]


def test_a_frozen_association_begins_with_the_first_schema_of_its_subject(
    registry: Registry, topic: str, subject: str
) -> None:
    assert code(create(registry, topic, wanted(subject, frozen=True))) == (422, 42212)
    refused = create(registry, topic, wanted(subject, frozen=True, schema=schema(record("a"))))
    assert code(refused) == (422, 42212)
    assert "already exist" in refused.body["message"]
    assert code(create(registry, topic, wanted(lifecycle="STRONG"))) == (422, 42212)


def test_a_frozen_association_is_copied_without_its_schema_in_import_mode(registry: Registry, topic: str) -> None:
    name = own(topic)
    registry.ask("PUT", f"/mode/{name}", {"mode": "IMPORT"})
    asked = wanted(name, lifecycle="STRONG", frozen=True)
    assert code(create(registry, topic, asked)) == (409, 40907)
    registry.register(name, record("a"), id=42, version=7)
    assert create(registry, topic, asked).status == 200
    assert held(registry, topic, *STATE) == [("value", name, "STRONG", True)]
    assert code(put(registry, topic, wanted(schema=schema(record("a", optional("b")))))) == (422, 42205)


def test_associations_of_one_type_end_or_all(registry: Registry, topic: str, subject: str) -> None:
    create(registry, topic, wanted(subject, associationType="key"), wanted(subject, associationType="value"))
    gone = delete(registry, topic, "?associationType=key")
    assert (gone.status, gone.body) == (204, "")
    assert held(registry, topic, "associationType") == [("value",)]
    assert delete(registry, topic, "?resourceType=topic").status == 204
    assert code(delete(registry, topic)) == (404, 40410)
    assert registry.ask("GET", f"/subjects/{subject}/versions").body == [1]


def test_a_frozen_association_ends_with_its_subject_alone(registry: Registry, topic: str) -> None:
    create(registry, topic, wanted(schema=schema(record("a"))))
    assert code(delete(registry, topic)) == (409, 40908)
    assert delete(registry, topic, "?cascadeLifecycle=true&dryRun=true").status == 204
    assert held(registry, topic, "frozen") == [(True,)]
    assert delete(registry, topic, "?cascadeLifecycle=True").status == 204
    assert registry.ask("GET", f"/subjects/{own(topic)}/versions").status == 404
    assert registry.ask("GET", f"/subjects/{own(topic)}/versions?deleted=true").body == [1]


def test_a_topic_that_is_made_anew_has_its_own_subject_anew(registry: Registry, topic: str) -> None:
    create(registry, topic, wanted(schema=schema(record("a"))))
    delete(registry, topic, "?cascadeLifecycle=true")
    assert create(registry, topic, wanted(schema=schema(record("b"))), resourceId=f"2-{topic}").status == 200
    (one,) = registry.ask("GET", f"/associations/resources/-/{topic}").body
    assert (one["resourceId"], one["frozen"]) == (f"2-{topic}", True)


def test_a_shared_subject_outlives_its_associations(registry: Registry, topic: str, subject: str) -> None:
    create(registry, topic, wanted(subject))
    assert delete(registry, topic, "?cascadeLifecycle=true").status == 204
    assert registry.ask("GET", f"/subjects/{subject}/versions").body == [1]


def test_a_cascade_stops_at_a_referenced_subject(registry: Registry, topic: str) -> None:
    create(registry, topic, wanted(schema=schema(record("a", name="Inner"))))
    outer = record({"name": "i", "type": "test.Inner"})
    reference = {"name": "test.Inner", "subject": own(topic), "version": 1}
    registry.register(fresh(), outer, references=[reference])
    assert code(delete(registry, topic, "?cascadeLifecycle=true")) == (422, 42206)
    assert held(registry, topic, "lifecycle") == [("STRONG",)]


@pytest.mark.parametrize("path", ["", "/versions/2"])
def test_an_associated_subject_keeps_an_active_version(registry: Registry, topic: str, subject: str, path: str) -> None:
    registry.register(subject, record("a", optional("b")))
    create(registry, topic, wanted(subject))
    assert registry.ask("DELETE", f"/subjects/{subject}/versions/1").body == 1
    assert registry.ask("DELETE", f"/subjects/{subject}/versions/1?permanent=true").body == 1
    assert code(registry.ask("DELETE", f"/subjects/{subject}{path}")) == (409, 40904)
    assert registry.ask("GET", f"/subjects/{subject}/versions").body == [2]
    delete(registry, topic)
    assert registry.ask("DELETE", f"/subjects/{subject}{path}").status == 200


def test_nothing_is_associated_or_ended_where_the_subject_is_read_only(
    registry: Registry, topic: str, subject: str
) -> None:
    create(registry, topic, wanted(subject, associationType="key"))
    registry.ask("PUT", f"/mode/{subject}", {"mode": "READONLY"})
    assert code(create(registry, topic, wanted(subject))) == (422, 42205)
    assert code(put(registry, topic, wanted(associationType="key", lifecycle="STRONG"))) == (422, 42205)
    assert code(delete(registry, topic)) == (422, 42205)
    assert held(registry, topic, *STATE) == [("key", subject, "WEAK", False)]


def test_a_request_may_name_the_context_of_its_subjects(registry: Registry, topic: str) -> None:
    name = fresh()
    registry.register(f":.ctx:{name}", record("a"))
    assert create(registry, topic, wanted(name), query="?context=.ctx").status == 200
    assert held(registry, topic, "subject") == [(f":.ctx:{name}",)]
    path = f"/contexts/.ctx/associations/subjects/{name}"
    assert [each["resourceName"] for each in registry.ask("GET", path).body] == [topic]
    body = request(f"{topic}-2", wanted(name))
    assert registry.ask("POST", "/contexts/ctx/associations", body).status == 200
    assert held(registry, f"{topic}-2", "subject") == [(f":.ctx:{name}",)]
    assert code(create(registry, f"{topic}-3", wanted(name))) == (409, 40907)


@pytest.mark.parametrize(
    ("fields", "about"),
    [
        ({"resourceName": None}, "resourceName"),
        ({"resourceName": "a/b"}, "resourceName"),
        ({"resourceName": "n" * 257}, "resourceName"),
        ({"resourceNamespace": ""}, "resourceNamespace"),
        ({"resourceId": ""}, "resourceId"),
        ({"resourceType": "table"}, "resourceType"),
        ({"associations": []}, "associations"),
        ({"associations": None}, "associations"),
        ({"associations": [{"subject": "s", "associationType": "header"}]}, "associationType"),
        ({"associations": [{"subject": "s"}, {"subject": "s", "associationType": "value"}]}, "associationType"),
        ({"associations": [{"subject": ""}]}, "subject"),
        ({"associations": [{"subject": ":.ctx:"}]}, "subject"),
        ({"associations": [{"lifecycle": "WEAK"}]}, "subject"),
        ({"associations": [{"lifecycle": "WEAK", "schema": schema(record("a"))}]}, "subject"),
        ({"associations": [{"subject": "s", "lifecycle": "MIDDLING"}]}, "lifecycle"),
        ({"associations": [{"subject": "s", "lifecycle": "WEAK", "frozen": True}]}, "frozen"),
    ],
)
def test_what_is_no_association_is_refused_by_name(
    registry: Registry, topic: str, fields: dict[str, Any], about: str
) -> None:
    refused = create(registry, topic, **fields)
    assert code(refused) == (422, 42212)
    assert f"'{about}'" in refused.body["message"]


@pytest.mark.parametrize(
    "fields",
    [
        {"resourceName": 7},
        {"associations": "s"},
        {"associations": [7]},
        {"associations": [{"subject": 7}]},
        {"associations": [{"subject": "s", "frozen": "yes"}]},
        {"associations": [{"subject": "s", "schema": "text"}]},
    ],
)
def test_what_is_of_another_form_is_refused(registry: Registry, topic: str, fields: dict[str, Any]) -> None:
    assert code(create(registry, topic, **fields)) == (422, 422)


def test_path_and_body_name_one_resource(registry: Registry, topic: str, subject: str) -> None:
    assert code(put(registry, topic, wanted(subject), resourceId="another")) == (422, 42212)
    assert code(put(registry, topic, wanted(subject), resourceId=["a list"])) == (422, 42212)
    assert put(registry, topic, wanted(subject), resourceId=None).status == 200
