"""Tags written into a schema: found, added and taken away, carried on."""

from __future__ import annotations

import json
from typing import Any

from tests.embedded.registry.schemas import fresh, optional, record
from tests.support.registry import Answer, Registry


def post(registry: Registry, subject: str, schema: object, **fields: Any) -> Answer:
    return registry.ask("POST", f"/subjects/{subject}/versions", {"schema": json.dumps(schema), **fields})


def rule(name: str = "check", **fields: Any) -> dict[str, Any]:
    return {"name": name, "kind": "CONDITION", "mode": "WRITE", "type": "CEL", "expr": "true", **fields}


def edit(path: str, *tags: str, kind: str = "sr_field") -> dict[str, Any]:
    return {"schemaEntity": {"entityPath": path, "entityType": kind}, "tags": list(tags)}


def tags(registry: Registry, subject: str, **fields: Any) -> Answer:
    return registry.ask("POST", f"/subjects/{subject}/versions/latest/tags", fields)


def test_tags_within_a_schema_are_found(registry: Registry) -> None:
    tagged = {"name": "ip", "type": "string", "confluent:tags": ["PII", "NET"]}
    inner = {"name": "i", "type": ["null", record("x", name="Inner") | {"confluent:tags": ["PUBLIC"]}]}
    schema_id = registry.register(fresh(), record(tagged, inner))
    found = registry.ask("GET", f"/schemas/ids/{schema_id}?findTags=PII").body["schemaTags"]
    field = {"schemaEntity": {"entityPath": "test.R.ip", "entityType": "sr_field"}, "tags": ["PII", "NET"]}
    assert found == [field]
    everything = registry.ask("GET", f"/schemas/ids/{schema_id}?findTags=*").body["schemaTags"]
    assert [each["schemaEntity"]["entityPath"] for each in everything] == ["test.R.ip", "test.Inner"]


def test_tags_are_found_in_a_version_too(registry: Registry) -> None:
    subject = fresh()
    registry.register(subject, record({"name": "ip", "type": "string", "confluent:tags": ["PII"]}))
    found = registry.ask("GET", f"/subjects/{subject}/versions/1?findTags=PII").body["schemaTags"]
    assert found == [edit("test.R.ip", "PII")]
    assert registry.ask("GET", f"/subjects/{subject}/versions/1?findTags=OTHER").body["schemaTags"] == []
    assert "schemaTags" not in registry.ask("GET", f"/subjects/{subject}/versions/1").body


def test_tags_are_added_and_taken_away_as_new_versions(registry: Registry) -> None:
    subject = fresh()
    first = registry.register(subject, record("a", "b"))
    added = tags(
        registry, subject, tagsToAdd=[edit("test.R", "ONE", "TWO", kind="sr_record"), edit("R.b", "PII")], newVersion=2
    ).body
    assert added["version"] == 2
    assert added["id"] != first
    assert "subject" not in added
    text = json.loads(added["schema"])
    assert text["confluent:tags"] == ["ONE", "TWO"]
    assert text["fields"] == [record("a")["fields"][0], {"name": "b", "type": "int", "confluent:tags": ["PII"]}]
    assert added["metadata"] == {"properties": {"confluent:version": "2"}}
    removed = tags(
        registry, subject, tagsToRemove=[edit("test.R", "TWO", kind="sr_record"), edit("test.R.b", "PII")]
    ).body
    assert json.loads(removed["schema"]) == record("a", "b") | {"confluent:tags": ["ONE"]}
    assert removed["metadata"] == {"properties": {"confluent:version": "3"}}


def test_tags_reach_into_unions_arrays_and_maps_by_full_name(registry: Registry) -> None:
    subject = fresh()
    deep = record("x", name="Deep", namespace="other")
    field = {"name": "f", "type": ["null", {"type": "map", "values": {"type": "array", "items": deep}}]}
    registry.register(subject, record(field))
    text = json.loads(tags(registry, subject, tagsToAdd=[edit("other.Deep.x", "T")]).body["schema"])
    (changed,) = text["fields"][0]["type"][1]["values"]["items"]["fields"]
    assert changed["confluent:tags"] == ["T"]
    nowhere = tags(registry, subject, tagsToAdd=[edit("test.Deep.x", "T")])
    assert (nowhere.status, nowhere.body["error_code"]) == (422, 42201)
    assert nowhere.body["message"] == "No matching path 'test.Deep.x' found in the schema"


def test_tagging_may_state_metadata_and_rules_or_change_the_rules_there_are(registry: Registry) -> None:
    subject = fresh()
    post(registry, subject, record("a"), ruleSet={"domainRules": [rule("one"), rule("two")]})
    merged = tags(
        registry,
        subject,
        tagsToAdd=[edit("R.a", "PII")],
        metadata={"properties": {"owner": "me"}},
        rulesToMerge={"domainRules": [rule("three")]},
        rulesToRemove=["one"],
    ).body
    assert [each["name"] for each in merged["ruleSet"]["domainRules"]] == ["two", "three"]
    assert merged["metadata"] == {"properties": {"confluent:version": "2", "owner": "me"}}
    both = tags(registry, subject, ruleSet={"domainRules": [rule()]}, rulesToRemove=["two"])
    assert (both.status, both.body["error_code"]) == (422, 42210)
    replaced = tags(registry, subject, ruleSet={"domainRules": [rule("only")]}).body
    assert [each["name"] for each in replaced["ruleSet"]["domainRules"]] == ["only"]


def test_tags_that_cannot_be_given_are_refused(registry: Registry) -> None:
    subject = fresh()
    assert tags(registry, subject).body["error_code"] == 40401
    registry.register(subject, record("a"))
    wrong = tags(registry, subject, tagsToAdd=[edit("R.a", "T")], newVersion=7)
    assert (wrong.body["error_code"], wrong.body["message"]) == (42201, "Version is not one more than previous version")
    bad_lists: list[object] = [{}, [{}], [1], [edit("R.a", kind="field")], [{"schemaEntity": {}, "tags": []}]]
    for bad in bad_lists:
        assert tags(registry, subject, tagsToAdd=bad).body["error_code"] == 422
    assert registry.ask("POST", f"/subjects/{subject}/versions/9/tags", {}).body["error_code"] == 40402
    assert registry.ask("GET", f"/subjects/{subject}/versions").body == [1]


def test_a_registration_may_add_tags_and_carry_those_of_the_version_before_on(registry: Registry) -> None:
    subject = fresh()
    one = post(registry, subject, record("a"), schemaTagsToAdd=[edit("test.R.a", "PII", "NET")]).body
    assert json.loads(one["schema"])["fields"][0]["confluent:tags"] == ["PII", "NET"]
    assert one["metadata"] == {"properties": {"confluent:version": "1"}}
    plain = record("a", optional("b"))
    two = post(registry, subject, plain, propagateSchemaTags=True, schemaTagsToRemove=[edit("test.R.a", "NONE")]).body
    assert json.loads(two["schema"])["fields"][0]["confluent:tags"] == ["PII", "NET"]
    three = post(registry, subject, plain).body
    assert "confluent:tags" not in json.loads(three["schema"])["fields"][0]
    assert [one["version"], two["version"], three["version"]] == [1, 2, 3]
