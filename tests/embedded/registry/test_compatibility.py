"""Asking whether a schema would be accepted."""

from __future__ import annotations

import json

from tests.embedded.registry.schemas import fresh, optional, record
from tests.support.registry import Answer, Registry


def ask(registry: Registry, path: str, schema: object) -> Answer:
    text = schema if isinstance(schema, str) else json.dumps(schema)
    return registry.ask("POST", f"/compatibility/subjects/{path}", {"schema": text})


def test_a_yes_is_a_bare_flag_unless_verbose(registry: Registry) -> None:
    subject = fresh()
    registry.register(subject, record("a"))
    fine = record("a", optional("b"))
    assert ask(registry, f"{subject}/versions/latest", fine).body == {"is_compatible": True}
    verbose = ask(registry, f"{subject}/versions/latest?verbose=true", fine)
    assert verbose.body == {"is_compatible": True, "messages": []}


def test_a_no_gives_its_reasons_when_verbose(registry: Registry) -> None:
    subject = fresh()
    registry.register(subject, record("a"))
    assert ask(registry, f"{subject}/versions/1", record("a", "b")).body == {"is_compatible": False}
    body = ask(registry, f"{subject}/versions/1?verbose=true", record("a", "b")).body
    assert not body["is_compatible"]
    assert body["messages"][0].startswith("{errorType:'READER_FIELD_MISSING_DEFAULT_VALUE'")
    assert body["messages"][1] == "{oldSchemaVersion: 1}"
    assert body["messages"][-1] == "{validateFields: 'false', compatibility: 'BACKWARD'}"


def test_a_numbered_version_is_judged_alone_even_at_a_transitive_level(registry: Registry) -> None:
    subject = fresh()
    registry.ask("PUT", f"/config/{subject}", {"compatibility": "NONE"})
    registry.register(subject, record("a", {"name": "b", "type": "string"}))
    registry.register(subject, record("a"))
    registry.ask("PUT", f"/config/{subject}", {"compatibility": "BACKWARD_TRANSITIVE"})
    candidate = record("a", optional("b"))
    assert ask(registry, f"{subject}/versions/2", candidate).body == {"is_compatible": True}
    assert ask(registry, f"{subject}/versions/1", candidate).body == {"is_compatible": False}
    assert ask(registry, f"{subject}/versions", candidate).body == {"is_compatible": False}


def test_the_latest_of_an_unknown_subject_is_compatible_and_a_number_is_40402(registry: Registry) -> None:
    assert ask(registry, "nobody/versions/latest", record("a")).body == {"is_compatible": True}
    assert ask(registry, "nobody/versions", record("a")).body == {"is_compatible": True}
    answer = ask(registry, "nobody/versions/3", record("a"))
    assert (answer.status, answer.body["error_code"]) == (404, 40402)
    assert ask(registry, "nobody/versions/x", record("a")).body["error_code"] == 42202


def test_what_is_no_schema_is_42201_or_a_verbose_no(registry: Registry) -> None:
    answer = ask(registry, "nobody/versions/latest", '{"type": "nothing"}')
    assert (answer.status, answer.body["error_code"]) == (422, 42201)
    verbose = ask(registry, "nobody/versions/latest?verbose=true", '{"type": "nothing"}')
    assert verbose.status == 200
    assert not verbose.body["is_compatible"]
    assert '"nothing" is no type' in verbose.body["messages"][0]
    assert ask(registry, "nobody/versions", "").body == {"error_code": 42201, "message": "Empty schema"}


def test_level_none_only_parses(registry: Registry) -> None:
    subject = fresh()
    registry.register(subject, record("a"))
    registry.ask("PUT", f"/config/{subject}", {"compatibility": "NONE"})
    assert ask(registry, f"{subject}/versions/latest", "string".join('""')).body == {"is_compatible": True}
    assert ask(registry, f"{subject}/versions/latest", "{").status == 422
