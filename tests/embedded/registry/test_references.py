"""Schemas that use types of other schemas."""

from __future__ import annotations

import json
from typing import Any

from tests.embedded.registry.schemas import fresh, record
from tests.support.registry import Answer, Registry


def reference(subject: str, name: str = "test.Inner", version: int = 1) -> dict[str, Any]:
    return {"name": name, "subject": subject, "version": version}


def outer(kind: str = "Inner") -> dict[str, Any]:
    return record({"name": "i", "type": kind}, name="Outer")


def post(registry: Registry, subject: str, schema: object, *references: dict[str, Any]) -> Answer:
    body = {"schema": json.dumps(schema), "references": list(references)}
    return registry.ask("POST", f"/subjects/{subject}/versions", body)


def test_a_referenced_type_is_named_not_written_out(registry: Registry) -> None:
    inner, using = fresh(), fresh()
    registry.register(inner, record("a", name="Inner"))
    answer = post(registry, using, outer("test.Inner"), reference(inner))
    assert answer.status == 200
    assert json.loads(answer.body["schema"])["fields"] == [{"name": "i", "type": "Inner"}]
    assert answer.body["references"] == [reference(inner)]


def test_references_of_references_are_resolved(registry: Registry) -> None:
    first, second, third = fresh(), fresh(), fresh()
    registry.register(first, record("a", name="First"))
    middle = record({"name": "f", "type": "First"}, name="Second")
    post(registry, second, middle, reference(first, "test.First"))
    schema = record({"name": "s", "type": "Second"}, {"name": "f", "type": "test.First"}, name="Third")
    answer = post(registry, third, schema, reference(second, "test.Second"))
    assert answer.status == 200
    text = registry.ask("GET", f"/schemas/ids/{answer.body['id']}/schema?format=resolved").body
    assert text["fields"][0]["type"]["fields"][0]["type"]["fields"] == [{"name": "a", "type": "int"}]
    assert text["fields"][1]["type"] == "First"


def test_a_missing_reference_is_42201(registry: Registry) -> None:
    answer = post(registry, fresh(), outer(), reference("nobody"))
    assert (answer.status, answer.body["error_code"]) == (422, 42201)
    assert 'No schema reference found for subject "nobody" and version 1' in answer.body["message"]


def test_a_malformed_reference_is_42201(registry: Registry) -> None:
    answer = post(registry, fresh(), outer(), {"name": "test.Inner"})
    assert (answer.body["error_code"], answer.body["message"]) == (42201, "Invalid schema reference")


def test_the_latest_version_of_a_reference_is_pinned(registry: Registry) -> None:
    inner, using = fresh(), fresh()
    registry.register(inner, record("a", name="Inner"))
    answer = post(registry, using, outer(), reference(inner, version=-1))
    assert answer.body["references"] == [reference(inner, version=1)]


def test_what_is_referenced_is_not_deleted(registry: Registry) -> None:
    inner, using = fresh(), fresh()
    registry.register(inner, record("a", name="Inner"))
    using_id = post(registry, using, outer(), reference(inner)).body["id"]
    assert registry.ask("GET", f"/subjects/{inner}/versions/1/referencedby").body == [using_id]
    for path in (f"/subjects/{inner}", f"/subjects/{inner}/versions/1"):
        answer = registry.ask("DELETE", path)
        assert (answer.status, answer.body["error_code"]) == (422, 42206)
        key = f"{{magic=1,keytype=SCHEMA,subject={inner},version=1}}"
        assert answer.body["message"] == f"One or more references exist to the schema {key}."
    registry.ask("DELETE", f"/subjects/{using}")
    assert registry.ask("DELETE", f"/subjects/{inner}").body == [1]


def test_a_version_that_is_imported_anew_without_references_refers_to_nothing(own_registry: Registry) -> None:
    own_registry.register("inner", record("a", name="Inner"))
    own_registry.ask("PUT", "/mode/using", {"mode": "IMPORT"})
    for schema_id, schema, references in ((500, outer("test.Inner"), [reference("inner")]), (501, record("a"), [])):
        body = {"schema": json.dumps(schema), "references": references, "id": schema_id, "version": 1}
        assert own_registry.ask("POST", "/subjects/using/versions", body).body["id"] == schema_id
    assert own_registry.ask("GET", "/subjects/inner/versions/1/referencedby").body == []
    assert own_registry.ask("DELETE", "/subjects/inner").body == [1]


def test_references_count_in_compatibility(registry: Registry) -> None:
    inner, using = fresh(), fresh()
    registry.register(inner, record("a", name="Inner"))
    registry.ask("PUT", f"/config/{inner}", {"compatibility": "NONE"})
    registry.register(inner, record("a", "b", name="Inner"))
    assert post(registry, using, outer(), reference(inner, version=1)).status == 200
    answer = post(registry, using, outer(), reference(inner, version=2))
    assert answer.status == 409
    assert "READER_FIELD_MISSING_DEFAULT_VALUE" in answer.body["message"]


def test_the_schema_written_out_is_found_under_its_references(registry: Registry) -> None:
    inner, using = fresh(), fresh()
    registry.register(inner, record("a", name="Inner"))
    schema_id = post(registry, using, outer(), reference(inner)).body["id"]
    whole = record({"name": "i", "type": record("a", name="Inner")}, name="Outer")
    found = registry.ask("POST", f"/subjects/{using}", {"schema": json.dumps(whole)})
    assert (found.status, found.body["id"]) == (200, schema_id)
    assert registry.register(using, whole) == schema_id


def test_a_softly_deleted_reference_can_still_be_read(registry: Registry) -> None:
    inner, using = fresh(), fresh()
    registry.register(inner, record("a", name="Inner"))
    schema_id = post(registry, using, outer(), reference(inner)).body["id"]
    registry.ask("DELETE", f"/subjects/{using}")
    registry.ask("DELETE", f"/subjects/{inner}")
    assert registry.ask("GET", f"/schemas/ids/{schema_id}?format=resolved").status == 200
