"""Registering, looking up and reading versions over plain REST, with the documented bodies and codes."""

from __future__ import annotations

import json
import re
import time
from urllib.parse import quote

import pytest

from tests.embedded.registry.schemas import fresh, optional, record
from tests.support.registry import Registry


def posted(schema: object, **fields: object) -> dict[str, object]:
    return {"schema": schema if isinstance(schema, str) else json.dumps(schema), **fields}


def refusal(answer_body: dict[str, object]) -> tuple[object, object]:
    return answer_body["error_code"], answer_body["message"]


def test_a_version_is_described_in_full(registry: Registry) -> None:
    subject = fresh()
    schema_id = registry.register(subject, record("a"))
    answer = registry.ask("GET", f"/subjects/{subject}/versions/1")
    assert answer.status == 200
    assert answer.content_type == "application/vnd.schemaregistry.v1+json"
    ts, guid = answer.body.pop("ts"), answer.body.pop("guid")
    assert ts > 1_700_000_000_000
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", guid)
    assert answer.body == {
        "subject": subject,
        "version": 1,
        "id": schema_id,
        "schemaType": "AVRO",
        "schema": json.dumps(record("a"), separators=(",", ":")),
        "deleted": False,
    }


def test_a_registration_answers_with_id_and_version(registry: Registry) -> None:
    subject = fresh()
    answer = registry.ask("POST", f"/subjects/{subject}/versions", posted(record("a")))
    assert answer.status == 200
    assert answer.body["version"] == 1
    assert registry.ask("GET", f"/schemas/ids/{answer.body['id']}").body["schema"] == answer.body["schema"]


def test_spelling_and_order_of_attributes_do_not_make_another_schema(registry: Registry) -> None:
    subject = fresh()
    first = registry.register(subject, {"type": "record", "name": "a.b.R", "fields": []})
    second = registry.register(subject, {"fields": [], "name": "R", "namespace": "a.b", "type": "record"})
    assert first == second
    assert registry.ask("GET", f"/subjects/{subject}/versions").body == [1]


def test_documentation_makes_another_version(registry: Registry) -> None:
    subject = fresh()
    first = registry.register(subject, record("a"))
    assert registry.register(subject, {**record("a"), "doc": "new"}) != first


def test_normalising_forgets_the_order_of_other_attributes(registry: Registry) -> None:
    subject = fresh()
    one = {**record("a"), "x": 1, "b": {"q": 1, "p": 2}}
    other = {**record("a"), "b": {"p": 2, "q": 1}, "x": 1}
    path = f"/subjects/{subject}/versions?normalize=true"
    first = registry.ask("POST", path, posted(one)).body["id"]
    assert registry.ask("POST", path, posted(other)).body["id"] == first
    assert registry.ask("POST", f"/subjects/{subject}?normalize=true", posted(other)).body["id"] == first
    assert registry.ask("POST", f"/subjects/{subject}/versions", posted(other)).body["id"] == first


def test_a_subject_can_be_configured_to_normalise(registry: Registry) -> None:
    subject = fresh()
    registry.ask("PUT", f"/config/{subject}", {"normalize": True})
    first = registry.register(subject, {**record("a"), "x": 1, "b": 2})
    assert registry.register(subject, {**record("a"), "b": 2, "x": 1}) == first


@pytest.mark.parametrize(
    ("path", "code", "message"),
    [
        ("/subjects/nobody/versions", 40401, "Subject 'nobody' not found."),
        ("/subjects/nobody/versions/1", 40401, "Subject 'nobody' not found."),
        ("/subjects/nobody/versions/latest", 40401, "Subject 'nobody' not found."),
        ("/subjects/known-value/versions/9", 40402, "Version 9 not found."),
        ("/subjects/known-value/versions/9/schema", 40402, "Version 9 not found."),
        ("/subjects/known-value/versions/9/referencedby", 40402, "Version 9 not found."),
        ("/schemas/ids/99999", 40403, "Schema 99999 not found"),
        ("/schemas/ids/99999/schema", 40403, "Schema 99999 not found"),
        ("/config/nobody", 40408, "Subject 'nobody' does not have subject-level compatibility configured"),
        ("/mode/nobody", 40409, "Subject 'nobody' does not have subject-level mode configured"),
    ],
)
def test_what_is_not_there_is_refused_by_code(registry: Registry, path: str, code: int, message: str) -> None:
    registry.register("known-value", record("a"))
    answer = registry.ask("GET", path)
    assert (answer.status, *refusal(answer.body)) == (404, code, message)


@pytest.mark.parametrize("version", ["0", "-2", "one", "2147483648", "1_0", "%D9%A1"])
def test_a_version_that_is_none_is_42202(registry: Registry, version: str) -> None:
    answer = registry.ask("GET", f"/subjects/known-value/versions/{version}")
    assert (answer.status, answer.body["error_code"]) == (422, 42202)
    assert answer.body["message"].endswith('Allowed values are between [1, 2^31-1] and the string "latest"')


def test_a_lookup_tells_an_unknown_subject_from_an_unknown_schema(registry: Registry) -> None:
    subject = fresh()
    registry.register(subject, record("a"))
    unknown = registry.ask("POST", "/subjects/nobody", posted(record("a")))
    assert (unknown.status, *refusal(unknown.body)) == (404, 40401, "Subject 'nobody' not found.")
    other = registry.ask("POST", f"/subjects/{subject}", posted(record("z")))
    assert (other.status, *refusal(other.body)) == (404, 40403, "Schema not found")


@pytest.mark.parametrize(
    "schema",
    [
        "{",
        '"no such type"',
        '{"type": "record"}',
        '{"type": "record", "name": "R", "fields": [{"name": "a", "type": "int", "default": "x"}]}',
        '{"type": "record", "name": "my-name", "fields": []}',
        '{"type": "record", "name": "R", "fields": [{"name": "a", "type": "int", "default": NaN}]}',
        "[" * 3000 + "]" * 3000,
        "   ",
    ],
)
def test_what_is_no_avro_schema_is_42201(registry: Registry, schema: str) -> None:
    answer = registry.ask("POST", f"/subjects/{fresh()}/versions", posted(schema))
    assert (answer.status, answer.body["error_code"]) == (422, 42201)
    assert len(answer.body["message"]) < 3000


@pytest.mark.parametrize("kind", ["JSON", "PROTOBUF", "XML"])
def test_other_schema_types_are_refused(registry: Registry, kind: str) -> None:
    answer = registry.ask("POST", f"/subjects/{fresh()}/versions", posted("{}", schemaType=kind))
    assert (answer.status, *refusal(answer.body)) == (422, 42201, f"Invalid schema type {kind}")


def test_an_incompatible_schema_is_409_with_the_reasons(registry: Registry) -> None:
    subject = fresh()
    registry.register(subject, record("a"))
    answer = registry.ask("POST", f"/subjects/{subject}/versions", posted(record("a", "b")))
    old = json.dumps(record("a"), separators=(",", ":"))
    assert answer.status == 409
    assert answer.body == {
        "error_code": 409,
        "message": (
            f'Schema being registered is incompatible with an earlier schema for subject "{subject}", details: ['
            "{errorType:'READER_FIELD_MISSING_DEFAULT_VALUE', description:'The field 'b' at path '/fields/1' in the "
            "new schema has no default value and is missing in the old schema', additionalInfo:'b'}, "
            f"{{oldSchemaVersion: 1}}, {{oldSchema: '{old}'}}, "
            "{validateFields: 'false', compatibility: 'BACKWARD'}]"
        ),
    }


def test_a_subject_may_have_any_name(registry: Registry) -> None:
    for name, path in (("a/b c", "a%2Fb%20c"), ("größe-値", "gr%C3%B6%C3%9Fe-%E5%80%A4"), ("plus+", "plus%2B")):
        registry.register(path, record("a"))
        assert registry.ask("GET", f"/subjects/{path}/versions/1").body["subject"] == name
        assert name in registry.ask("GET", "/subjects").body


@pytest.mark.parametrize("path", ["a%00b", "a%0Ab", "__GLOBAL"])
def test_a_control_character_or_the_reserved_name_is_42208(registry: Registry, path: str) -> None:
    answer = registry.ask("POST", f"/subjects/{path}/versions", posted(record("a")))
    assert (answer.status, answer.body["error_code"]) == (422, 42208)


def test_raw_schemas_are_answered_unquoted(registry: Registry) -> None:
    subject = fresh()
    schema_id = registry.register(subject, "string")
    assert registry.ask("GET", f"/subjects/{subject}/versions/latest/schema").body == "string"
    assert registry.ask("GET", f"/schemas/ids/{schema_id}/schema").body == "string"
    assert registry.ask("GET", f"/subjects/{subject}/versions/latest").body["schema"] == '"string"'


def test_subjects_are_listed_by_prefix_in_order_and_in_pages(own_registry: Registry) -> None:
    for name in ("b-1", "a-2", "b-3", "b-2"):
        own_registry.register(name, record("a"))
    assert own_registry.ask("GET", "/subjects").body == ["a-2", "b-1", "b-2", "b-3"]
    assert own_registry.ask("GET", "/subjects?subjectPrefix=b").body == ["b-1", "b-2", "b-3"]
    assert own_registry.ask("GET", "/subjects?offset=1&limit=2").body == ["b-1", "b-2"]
    assert own_registry.ask("GET", "/subjects/?limit=-1").body == ["a-2", "b-1", "b-2", "b-3"]


def test_a_page_that_is_not_given_in_numbers_is_not_found(own_registry: Registry) -> None:
    for name in ("a", "b"):
        own_registry.register(name, record("a"))
    for wrong in ("abc", "1.0", "1_0", "0x1", "%D9%A1", "2147483648", "-2147483649", "9" * 5000, "1%0A", " 1"):
        for path in ("/subjects", "/schemas", "/contexts", "/subjects/a/versions", "/schemas/ids/1/versions"):
            for name in ("offset", "limit"):
                answer = own_registry.ask("GET", f"{path}?{name}={quote(wrong, safe='%')}")
                assert (answer.status, answer.body) == (404, {"error_code": 404, "message": "HTTP 404 Not Found"})
    for right in ("offset=-5", "limit=-5", "limit=", "limit=0", "offset=%2B0&limit=2147483647", "limit=-2147483648"):
        assert own_registry.ask("GET", f"/subjects?{right}").body == ["a", "b"]


def test_schemas_are_listed_with_filters(own_registry: Registry) -> None:
    for schema in (record("a"), record("a", optional("b"))):
        own_registry.register("one", schema)
    own_registry.register("two", record("a"))
    own_registry.ask("DELETE", "/subjects/two")

    def listed(query: str) -> list[tuple[str, int]]:
        return [(each["subject"], each["version"]) for each in own_registry.ask("GET", f"/schemas{query}").body]

    assert listed("") == [("one", 1), ("one", 2)]
    assert listed("?latestOnly=true") == [("one", 2)]
    assert listed("?deleted=true&subjectPrefix=t") == [("two", 1)]
    assert listed("?limit=1&offset=1") == [("one", 2)]


def test_who_carries_an_id_is_told(own_registry: Registry) -> None:
    schema_id = own_registry.register("one", record("a"))
    own_registry.register("two", record("a"))
    own_registry.ask("DELETE", "/subjects/two")
    base = f"/schemas/ids/{schema_id}"
    assert own_registry.ask("GET", f"{base}/subjects").body == ["one"]
    assert own_registry.ask("GET", f"{base}/subjects?deleted=true").body == ["one", "two"]
    assert own_registry.ask("GET", f"{base}/versions").body == [{"subject": "one", "version": 1}]
    assert own_registry.ask("GET", f"{base}?subject=two").body["subject"] == "two"
    assert own_registry.ask("GET", f"{base}?fetchMaxId=true").body["maxId"] == schema_id


def test_a_version_may_be_asked_for_as_the_next_one_only(registry: Registry) -> None:
    subject = fresh()
    path = f"/subjects/{subject}/versions"
    refused = registry.ask("POST", path, posted(record("a"), version=5))
    assert refusal(refused.body) == (42201, "Version is not one more than previous version")
    assert registry.ask("POST", path, posted(record("a"), version=1)).body["version"] == 1
    latest = registry.ask("POST", path, posted(record("a", optional("b")), version=-1)).body
    assert latest["version"] == 2
    assert latest["metadata"] == {"properties": {"confluent:version": "2"}}


def test_an_empty_schema_stands_for_the_latest_one(registry: Registry) -> None:
    subject = fresh()
    empty = registry.ask("POST", f"/subjects/{subject}/versions", {"schema": ""})
    assert refusal(empty.body) == (42201, "Empty schema")
    registry.register(subject, record("a"))
    again = registry.ask("POST", f"/subjects/{subject}/versions", {"metadata": {"properties": {"owner": "me"}}})
    assert again.body["version"] == 2
    assert json.loads(again.body["schema"]) == record("a")


def test_a_subject_may_be_another_name_of_one(registry: Registry) -> None:
    subject, alias = fresh(), fresh("alias")
    schema_id = registry.register(subject, record("a"))
    registry.ask("PUT", f"/config/{alias}", {"alias": subject})
    assert registry.ask("GET", f"/subjects/{alias}/versions/latest").body["id"] == schema_id
    assert registry.ask("POST", f"/subjects/{alias}", posted(record("a"))).body["subject"] == subject


def test_another_order_of_attributes_is_the_same_schema_and_other_values_are_not(registry: Registry) -> None:
    subject = fresh()
    schema_id = registry.register(subject, {**record("a"), "x": 1, "y": True})
    assert registry.register(subject, {**record("a"), "y": True, "x": 1}) == schema_id
    assert registry.register(subject, {**record("a"), "x": True, "y": 1}) != schema_id


def test_registering_does_not_slow_down_with_the_number_of_versions(registry: Registry) -> None:
    subject = fresh()
    registry.ask("PUT", f"/config/{subject}", {"compatibility": "NONE"})
    # The processor's time, not the clock's: other programs must not make it fail. The registry runs in this process.
    began = time.process_time()
    for number in range(150):
        registry.register(subject, record(*(f"f{n}" for n in range(20)), name=f"R{number:03}"))
    assert time.process_time() - began < 4
    assert len(registry.ask("GET", f"/subjects/{subject}/versions").body) == 150


def test_after_the_last_number_no_version_and_no_id_is_given(own_registry: Registry) -> None:
    last = 2**31 - 1
    assert own_registry.ask("PUT", "/mode/s", {"mode": "IMPORT"}).status == 200
    body = {"schema": json.dumps(record("a")), "id": last, "version": last}
    assert own_registry.ask("POST", "/subjects/s/versions", body).status == 200
    assert own_registry.ask("PUT", "/mode/s", {"mode": "READWRITE"}).status == 200
    for subject, said in (("s", f"Subject 's' has no version left: {last} is"), ("t", f"no id left: {last} is")):
        answer = own_registry.ask(
            "POST", f"/subjects/{subject}/versions", {"schema": json.dumps(record("a", optional("b")))}
        )
        assert (answer.status, answer.body["error_code"]) == (422, 42205)
        assert said in answer.body["message"]
    assert own_registry.ask("GET", "/subjects/s/versions").body == [last]
