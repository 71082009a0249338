"""Metadata, rule sets and tags: kept, merged with what a subject configures, and part of a schema's identity."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.embedded.registry.schemas import fresh, optional, record
from tests.support.registry import Answer, Registry


def post(registry: Registry, subject: str, schema: object, **fields: Any) -> Answer:
    return registry.ask("POST", f"/subjects/{subject}/versions", {"schema": json.dumps(schema), **fields})


def rule(name: str = "check", **fields: Any) -> dict[str, Any]:
    return {"name": name, "kind": "CONDITION", "mode": "WRITE", "type": "CEL", "expr": "true", **fields}


def test_metadata_is_kept_sorted_and_tags_with_it(registry: Registry) -> None:
    metadata = {"tags": {"b": ["Z", "A"], "a": ["PII"]}, "properties": {"z": "1", "a": "2"}, "sensitive": ["s", "r"]}
    body = post(registry, fresh(), record("a"), metadata=metadata).body
    assert json.dumps(body["metadata"]) == json.dumps(
        {"tags": {"a": ["PII"], "b": ["A", "Z"]}, "properties": {"a": "2", "z": "1"}, "sensitive": ["r", "s"]}
    )


def test_the_same_text_under_other_metadata_is_another_schema(registry: Registry) -> None:
    subject = fresh()
    one = post(registry, subject, record("a"), metadata={"properties": {"owner": "me"}}).body
    other = post(registry, subject, record("a"), metadata={"properties": {"owner": "you"}}).body
    assert (one["version"], other["version"]) == (1, 2)
    assert one["id"] != other["id"]
    assert one["guid"] != other["guid"]


def test_a_version_inherits_metadata_and_rules_of_the_one_before(registry: Registry) -> None:
    subject = fresh()
    post(registry, subject, record("a"), metadata={"properties": {"owner": "me"}}, ruleSet={"domainRules": [rule()]})
    body = post(registry, subject, record("a", optional("b"))).body
    assert body["metadata"] == {"properties": {"owner": "me"}}
    assert [each["name"] for each in body["ruleSet"]["domainRules"]] == ["check"]
    again = registry.ask("POST", f"/subjects/{subject}", {"schema": json.dumps(record("a", optional("b")))})
    assert again.body["id"] == body["id"]


def test_a_subject_adds_default_and_overriding_metadata_and_rules(registry: Registry) -> None:
    subject = fresh()
    registry.ask(
        "PUT",
        f"/config/{subject}",
        {
            "defaultMetadata": {"properties": {"owner": "default", "tier": "1"}},
            "overrideMetadata": {"properties": {"tier": "0"}},
            "defaultRuleSet": {"domainRules": [rule("check", doc="default"), rule("other")]},
        },
    )
    given = {"metadata": {"properties": {"owner": "me"}}, "ruleSet": {"domainRules": [rule("check", doc="mine")]}}
    body = post(registry, subject, record("a"), **given).body
    assert body["metadata"] == {"properties": {"owner": "me", "tier": "0"}}
    docs = {each["name"]: each.get("doc") for each in body["ruleSet"]["domainRules"]}
    assert docs == {"other": None, "check": "mine"}
    assert post(registry, subject, record("a"), **given).body["version"] == 1


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ({"domainRules": [rule(), rule()]}, "Found rule with duplicate name 'check'"),
        ({"domainRules": [rule(None)]}, "Missing rule name"),  # type: ignore[arg-type]  # what a client may send
        ({"domainRules": [rule("")]}, "Empty rule name"),
        ({"domainRules": [rule("1st")]}, "Illegal initial character in rule name: 1st"),
        ({"domainRules": [rule("a-b")]}, "Illegal character in rule name: a-b"),
        ({"domainRules": [rule(type=None)]}, "Missing rule type"),
        ({"domainRules": [rule(mode="UPGRADE")]}, "Domain rules can only be WRITE, READ, WRITEREAD"),
        ({"migrationRules": [rule(mode="READ")]}, "Migration rules can only be UPGRADE, DOWNGRADE, UPDOWN"),
    ],
)
def test_a_rule_set_that_is_not_allowed_is_42210(registry: Registry, rules: object, message: str) -> None:
    answer = post(registry, fresh(), record("a"), ruleSet=rules)
    assert (answer.status, answer.body["error_code"], answer.body["message"]) == (422, 42210, message)
    configured = registry.ask("PUT", f"/config/{fresh()}", {"defaultRuleSet": rules})
    assert configured.body["error_code"] == 42210


@pytest.mark.parametrize(
    "fields",
    [
        {"metadata": "text"},
        {"metadata": {"properties": {"a": 1}}},
        {"metadata": {"tags": {"a": "PII"}}},
        {"ruleSet": []},
        {"ruleSet": {"domainRules": {}}},
        {"ruleSet": {"domainRules": [rule(kind="MAGIC")]}},
        {"references": {}},
        {"id": "one"},
        {"version": 1.5},
    ],
)
def test_a_body_of_another_form_is_422(registry: Registry, fields: dict[str, Any]) -> None:
    answer = post(registry, fresh(), record("a"), **fields)
    assert (answer.status, answer.body["error_code"]) == (422, 422)


def test_schemas_are_found_by_the_type_of_a_rule(own_registry: Registry) -> None:
    post(own_registry, "with", record("a"), ruleSet={"domainRules": [rule(type="CEL_FIELD")]})
    post(own_registry, "without", record("a"))
    found = own_registry.ask("GET", "/schemas?ruleType=CEL_FIELD").body
    assert [each["subject"] for each in found] == ["with"]


def test_a_guid_leads_to_schema_and_ids_in_every_context(own_registry: Registry) -> None:
    guid = post(own_registry, "s", record("a")).body["guid"]
    post(own_registry, ":.test:one", record("z"))
    assert post(own_registry, ":.test:s", record("a")).body["guid"] == guid
    assert own_registry.ask("GET", f"/schemas/guids/{guid}").body["guid"] == guid
    ids = own_registry.ask("GET", f"/schemas/guids/{guid}/ids").body
    assert ids == [{"context": ".", "id": 1}, {"context": ".test", "id": 2}]
    assert own_registry.ask("GET", "/schemas/guids/nothing/ids").body["error_code"] == 40403
