"""Compatibility levels and modes, for all and for one subject."""

from __future__ import annotations

import json

import pytest

from tests.embedded.registry.schemas import fresh, optional, record
from tests.support.registry import Registry


def test_the_level_for_all_holds_where_a_subject_has_none(own_registry: Registry) -> None:
    assert own_registry.ask("GET", "/config").body == {"compatibilityLevel": "BACKWARD"}
    assert own_registry.ask("PUT", "/config", {"compatibility": "forward"}).body == {"compatibility": "FORWARD"}
    assert own_registry.ask("GET", "/config/s?defaultToGlobal=true").body == {"compatibilityLevel": "FORWARD"}
    own_registry.register("s", record("a"))
    own_registry.register("s", record("a", "b"))
    assert own_registry.ask("DELETE", "/config").body == {"compatibilityLevel": "FORWARD"}
    assert own_registry.ask("GET", "/config").body == {"compatibilityLevel": "BACKWARD"}


def test_a_configuration_changes_only_what_is_named_and_null_clears(registry: Registry) -> None:
    subject = fresh()
    registry.ask("PUT", f"/config/{subject}", {"compatibility": "FULL", "normalize": True})
    registry.ask("PUT", f"/config/{subject}", {"compatibilityGroup": "major"})
    held = {"compatibilityLevel": "FULL", "normalize": True, "compatibilityGroup": "major"}
    assert registry.ask("GET", f"/config/{subject}").body == held
    registry.ask("PUT", f"/config/{subject}", {"compatibility": None, "normalize": None})
    assert registry.ask("GET", f"/config/{subject}").body == {"compatibilityGroup": "major"}
    in_scope = registry.ask("GET", f"/config/{subject}?defaultToGlobal=true").body
    assert in_scope == {"compatibilityGroup": "major", "compatibilityLevel": "BACKWARD"}


def test_an_unknown_level_is_42203(registry: Registry) -> None:
    answer = registry.ask("PUT", f"/config/{fresh()}", {"compatibility": "SIDEWAYS"})
    assert (answer.status, answer.body["error_code"]) == (422, 42203)
    assert answer.body["message"].startswith("Invalid compatibility level. Valid values are none, backward,")


def test_deleting_a_level_that_is_not_set_is_40401(registry: Registry) -> None:
    subject = fresh()
    answer = registry.ask("DELETE", f"/config/{subject}")
    assert (answer.status, answer.body["error_code"]) == (404, 40401)


@pytest.mark.parametrize(
    ("level", "fine", "breaking"),
    [
        ("BACKWARD", record("a", optional("b")), record("a", "b")),
        ("FORWARD", record("a", "b"), record("b")),
        ("FULL", record("a", optional("b")), record("a", "b")),
        ("NONE", record("z"), None),
    ],
)
def test_each_level_lets_through_what_it_says(registry: Registry, level: str, fine: object, breaking: object) -> None:
    subject = fresh()
    registry.ask("PUT", f"/config/{subject}", {"compatibility": level})
    registry.register(subject, record("a"))
    registry.register(subject, fine)
    if breaking is not None:
        registry.ask("DELETE", f"/subjects/{subject}/versions/2")
        body = {"schema": json.dumps(breaking)}
        assert registry.ask("POST", f"/subjects/{subject}/versions", body).status == 409


def test_only_a_transitive_level_looks_past_the_latest_version(registry: Registry) -> None:
    versions = [record("a"), record("a", optional("b")), record("a", {"name": "b", "type": "string", "default": ""})]
    for level, status in (("BACKWARD", 409), ("NONE", 200), ("BACKWARD_TRANSITIVE", 409)):
        subject = fresh()
        registry.ask("PUT", f"/config/{subject}", {"compatibility": "NONE"})
        registry.register(subject, {**record("a", {"name": "b", "type": ["null", "int", "string"]})})
        registry.register(subject, versions[0])
        registry.ask("PUT", f"/config/{subject}", {"compatibility": level})
        body = {"schema": json.dumps(record("a", "b"))}
        assert registry.ask("POST", f"/subjects/{subject}/versions", body).status == status
        compatible = {"schema": json.dumps(record("a", optional("b")))}
        wanted = 200 if level != "BACKWARD_TRANSITIVE" else 409
        assert registry.ask("POST", f"/subjects/{subject}/versions", compatible).status == wanted


def test_a_compatibility_group_is_judged_by_itself(registry: Registry) -> None:
    subject = fresh()
    registry.ask("PUT", f"/config/{subject}", {"compatibilityGroup": "major"})
    first = {"metadata": {"properties": {"major": "1"}}}
    registry.register(subject, record("a"), **first)
    breaking = record("a", "b")
    refused = registry.ask("POST", f"/subjects/{subject}/versions", {"schema": json.dumps(breaking), **first})
    assert refused.status == 409
    registry.register(subject, breaking, metadata={"properties": {"major": "2"}})


def test_reserved_fields_are_kept_free_when_asked_for(registry: Registry) -> None:
    subject = fresh()
    registry.ask("PUT", f"/config/{subject}", {"validateFields": True})
    reserving = {"metadata": {"properties": {"confluent:reserved": "legacy, old"}}}
    registry.register(subject, record("a"), **reserving)
    body = {"schema": json.dumps(record("a", optional("old"))), **reserving}
    conflict = registry.ask("POST", f"/subjects/{subject}/versions", body)
    assert conflict.status == 409
    assert "The new schema has field that conflicts with the reserved field old." in conflict.body["message"]
    assert "{validateFields: 'true', compatibility: 'BACKWARD'}" in conflict.body["message"]
    less = {"schema": json.dumps(record("a")), "metadata": {"properties": {"confluent:reserved": "old"}}}
    removed = registry.ask("POST", f"/subjects/{subject}/versions", less)
    assert "The new schema has reserved field legacy removed from its metadata" in removed.body["message"]


def test_a_read_only_registry_refuses_every_write_but_known_schemas(own_registry: Registry) -> None:
    own_registry.register("s", record("a"))
    assert own_registry.ask("PUT", "/mode", {"mode": "readonly"}).body == {"mode": "readonly"}
    assert own_registry.ask("GET", "/mode").body == {"mode": "READONLY"}
    assert own_registry.ask("GET", "/mode/s?defaultToGlobal=true").body == {"mode": "READONLY"}
    assert own_registry.register("s", record("a")) == 1
    writes = [
        own_registry.ask("POST", "/subjects/s/versions", {"schema": json.dumps(record("b"))}),
        own_registry.ask("DELETE", "/subjects/s"),
        own_registry.ask("DELETE", "/subjects/s/versions/1"),
        own_registry.ask("PUT", "/config/s", {"compatibility": "NONE"}),
    ]
    assert {(each.status, each.body["error_code"]) for each in writes} == {(422, 42205)}
    assert writes[0].body["message"] == "Subject s in context  is in read-only mode"
    own_registry.ask("PUT", "/mode/s", {"mode": "READWRITE"})
    own_registry.register("s", record("a", optional("b")))
    own_registry.ask("PUT", "/mode", {"mode": "READONLY_OVERRIDE"})
    assert own_registry.ask("GET", "/mode/s?defaultToGlobal=true").body == {"mode": "READONLY_OVERRIDE"}
    assert own_registry.ask("DELETE", "/mode").body == {"mode": "READONLY_OVERRIDE"}
    assert own_registry.ask("GET", "/mode").body == {"mode": "READWRITE"}


def test_an_unknown_mode_is_42204(registry: Registry) -> None:
    for body in ({"mode": "SIDEWAYS"}, {}):
        answer = registry.ask("PUT", f"/mode/{fresh()}", body)
        assert (answer.status, answer.body["error_code"]) == (422, 42204)


def test_deleting_a_mode_that_is_not_set_is_40401(registry: Registry) -> None:
    answer = registry.ask("DELETE", f"/mode/{fresh()}")
    assert (answer.status, answer.body["error_code"]) == (404, 40401)


def test_import_takes_ids_and_versions_as_given(own_registry: Registry) -> None:
    body = {"schema": json.dumps(record("a")), "id": 500, "version": 7}
    refused = own_registry.ask("POST", "/subjects/s/versions", body)
    assert (refused.body["error_code"], refused.body["message"]) == (
        42205,
        "Subject s in context  is not in import mode",
    )
    own_registry.ask("PUT", "/mode/s", {"mode": "IMPORT"})
    imported = own_registry.ask("POST", "/subjects/s/versions", body).body
    assert (imported["id"], imported["version"]) == (500, 7)
    assert own_registry.ask("POST", "/subjects/s/versions", body).body["id"] == 500
    other = {"schema": json.dumps(record("z")), "id": 500, "version": 8}
    overwrite = own_registry.ask("POST", "/subjects/s/versions", other)
    assert overwrite.body["message"] == "Overwrite new schema with id 500 in context  is not permitted."
    without_id = own_registry.ask("POST", "/subjects/s/versions", {"schema": json.dumps(record("z"))})
    assert without_id.body["message"] == "Subject s in context  is not in read-write mode"
    assert own_registry.register("t", record("t")) == 501


def test_an_import_of_a_lower_id_does_not_make_ids_come_twice(own_registry: Registry) -> None:
    own_registry.ask("PUT", "/mode/s", {"mode": "IMPORT"})
    for schema_id, version in ((500, 1), (3, 2)):
        body = {"schema": json.dumps(record(f"f{schema_id}")), "id": schema_id, "version": version}
        assert own_registry.ask("POST", "/subjects/s/versions", body).body["id"] == schema_id
    assert own_registry.register("t", record("t")) == 501


def test_an_import_of_one_schema_under_two_versions_keeps_both(own_registry: Registry) -> None:
    own_registry.ask("PUT", "/mode/s", {"mode": "IMPORT"})
    for version in (1, 2):
        body = {"schema": json.dumps(record("a")), "id": 7, "version": version}
        assert own_registry.ask("POST", "/subjects/s/versions", body).body["version"] == version
    assert own_registry.ask("GET", "/subjects/s/versions").body == [1, 2]
    assert json.loads(own_registry.ask("GET", "/subjects/s/versions/1").body["schema"]) == record("a")


def test_import_is_for_empty_subjects_unless_forced(own_registry: Registry) -> None:
    own_registry.register("s", record("a"))
    for path in ("/mode", "/mode/s"):
        answer = own_registry.ask("PUT", path, {"mode": "IMPORT"})
        assert (answer.status, answer.body["error_code"]) == (422, 42205)
        assert answer.body["message"] == "Cannot import since found existing subjects"
    assert own_registry.ask("PUT", "/mode/s?force=true", {"mode": "IMPORT"}).status == 200
    assert own_registry.ask("PUT", "/mode/s", {"mode": None}).status == 200
    assert own_registry.ask("GET", "/mode/s").body["error_code"] == 40409


def test_schemas_are_listed_by_their_other_names_too(own_registry: Registry) -> None:
    own_registry.register("orders-v2", record("a"))
    own_registry.ask("PUT", "/config/sales", {"alias": "orders-v2"})
    assert own_registry.ask("GET", "/schemas?subjectPrefix=sales").body == []
    (found,) = own_registry.ask("GET", "/schemas?subjectPrefix=sales&aliases=true").body
    assert (found["subject"], found["aliases"]) == ("orders-v2", ["sales"])
    (same,) = own_registry.ask("GET", "/schemas?aliases=true").body
    assert same == found
