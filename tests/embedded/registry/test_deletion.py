"""Soft and permanent deletion, with Confluent's rules."""

from __future__ import annotations

import json

from tests.embedded.registry.schemas import fresh, optional, record
from tests.support.registry import Answer, Registry


def code(answer: Answer) -> tuple[int, object, object]:
    return answer.status, answer.body["error_code"], answer.body["message"]


def test_a_softly_deleted_version_is_still_read_by_its_id(registry: Registry) -> None:
    subject = fresh()
    schema_id = registry.register(subject, record("a"))
    assert registry.ask("DELETE", f"/subjects/{subject}/versions/1").body == 1
    assert registry.ask("GET", f"/schemas/ids/{schema_id}").status == 200
    assert registry.ask("GET", f"/subjects/{subject}/versions/1").body["error_code"] == 40401
    held = registry.ask("GET", f"/subjects/{subject}/versions/1?deleted=true").body
    assert (held["version"], held["deleted"]) == (1, True)
    found = registry.ask("POST", f"/subjects/{subject}?deleted=true", {"schema": json.dumps(record("a"))})
    assert found.body["id"] == schema_id


def test_a_version_goes_through_every_state(registry: Registry) -> None:
    subject = fresh()
    path = f"/subjects/{subject}/versions/1"
    assert code(registry.ask("DELETE", path)) == (404, 40401, f"Subject '{subject}' not found.")
    registry.register(subject, record("a"))
    assert code(registry.ask("DELETE", f"/subjects/{subject}/versions/7")) == (404, 40402, "Version 7 not found.")
    early = f"Subject '{subject}' Version 1 was not deleted first before being permanently deleted"
    assert code(registry.ask("DELETE", f"{path}?permanent=true")) == (404, 40407, early)
    assert registry.ask("DELETE", path).status == 200
    again = f"Subject '{subject}' Version 1 was soft deleted.Set permanent=true to delete permanently"
    assert code(registry.ask("DELETE", path)) == (404, 40406, again)
    assert registry.ask("DELETE", f"{path}?permanent=true").body == 1
    assert code(registry.ask("DELETE", path)) == (404, 40401, f"Subject '{subject}' not found.")


def test_a_subject_goes_through_every_state(registry: Registry) -> None:
    subject = fresh()
    path = f"/subjects/{subject}"
    assert code(registry.ask("DELETE", path)) == (404, 40401, f"Subject '{subject}' not found.")
    registry.register(subject, record("a"))
    early = f"Subject '{subject}' was not deleted first before being permanently deleted"
    assert code(registry.ask("DELETE", f"{path}?permanent=true")) == (404, 40405, early)
    assert registry.ask("DELETE", path).body == [1]
    again = f"Subject '{subject}' was soft deleted.Set permanent=true to delete permanently"
    assert code(registry.ask("DELETE", path)) == (404, 40404, again)
    assert registry.ask("DELETE", f"{path}?permanent=true").body == [1]
    assert code(registry.ask("DELETE", f"{path}?permanent=true")) == (404, 40401, f"Subject '{subject}' not found.")


def test_the_latest_version_is_deleted_by_that_word(registry: Registry) -> None:
    subject = fresh()
    registry.register(subject, record("a"))
    registry.register(subject, record("a", optional("b")))
    assert registry.ask("DELETE", f"/subjects/{subject}/versions/latest").body == 2
    assert registry.ask("GET", f"/subjects/{subject}/versions/latest").body["version"] == 1


def test_registering_a_softly_deleted_schema_again_keeps_its_id_under_a_new_version(registry: Registry) -> None:
    subject = fresh()
    schema_id = registry.register(subject, record("a"))
    registry.ask("DELETE", f"/subjects/{subject}")
    answer = registry.ask("POST", f"/subjects/{subject}/versions", {"schema": json.dumps(record("a"))})
    assert (answer.body["id"], answer.body["version"]) == (schema_id, 2)
    assert registry.ask("GET", f"/subjects/{subject}/versions?deleted=true").body == [2]


def test_an_id_is_not_given_again_after_a_permanent_deletion(registry: Registry) -> None:
    subject = fresh()
    schema = record("a", name="Forgotten")
    schema_id = registry.register(subject, schema)
    registry.ask("DELETE", f"/subjects/{subject}")
    registry.ask("DELETE", f"/subjects/{subject}?permanent=true")
    assert registry.ask("GET", f"/schemas/ids/{schema_id}").body["error_code"] == 40403
    assert registry.register(subject, schema) > schema_id
    assert registry.ask("GET", f"/subjects/{subject}/versions").body == [1]


def test_a_permanently_deleted_subject_forgets_its_level_and_mode(registry: Registry) -> None:
    subject = fresh()
    registry.register(subject, record("a"))
    registry.ask("PUT", f"/config/{subject}", {"compatibility": "NONE"})
    registry.ask("PUT", f"/mode/{subject}", {"mode": "READWRITE"})
    registry.ask("DELETE", f"/subjects/{subject}/versions/1")
    assert registry.ask("GET", f"/config/{subject}").status == 200
    registry.ask("DELETE", f"/subjects/{subject}/versions/1?permanent=true")
    assert registry.ask("GET", f"/config/{subject}").body["error_code"] == 40408
    assert registry.ask("GET", f"/mode/{subject}").body["error_code"] == 40409


def test_a_deleted_version_does_not_count_for_compatibility(registry: Registry) -> None:
    subject = fresh()
    registry.register(subject, record("a"))
    registry.ask("DELETE", f"/subjects/{subject}/versions/1")
    registry.register(subject, record("quite", "different", name="Other"))
    assert registry.ask("GET", f"/subjects/{subject}/versions?deletedAsNegative=true").body == [-1, 2]
    assert registry.ask("GET", f"/subjects/{subject}/versions?deletedOnly=true").body == [1]
