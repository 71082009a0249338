"""Subjects in contexts: each has its own ids, levels and modes."""

from __future__ import annotations

import json

from tests.embedded.registry.schemas import record
from tests.support.registry import Registry


def test_each_context_counts_its_own_ids(own_registry: Registry) -> None:
    assert own_registry.register("s", record("a")) == 1
    assert own_registry.register(":.test:s", record("b")) == 1
    assert own_registry.register(":.test:t", record("c")) == 2
    assert own_registry.ask("GET", "/contexts").body == [".", ".test"]
    assert own_registry.ask("GET", "/subjects").body == [":.test:s", ":.test:t", "s"]
    assert own_registry.ask("GET", "/subjects?subjectPrefix=:.test:").body == [":.test:s", ":.test:t"]
    assert own_registry.ask("GET", "/subjects?subjectPrefix=:*:s").body == [":.test:s", "s"]
    in_test = own_registry.ask("GET", "/schemas/ids/1?subject=:.test:").body
    assert json.loads(in_test["schema"]) == record("b")
    assert json.loads(own_registry.ask("GET", "/schemas/ids/1").body["schema"]) == record("a")


def test_a_path_may_begin_with_its_context(own_registry: Registry) -> None:
    own_registry.register("s", record("a"))
    base = "/contexts/.test"
    body = {"schema": json.dumps(record("b"))}
    assert own_registry.ask("POST", f"{base}/subjects/s/versions", body).status == 200
    assert own_registry.ask("GET", f"{base}/subjects").body == [":.test:s"]
    assert own_registry.ask("GET", f"{base}/subjects/s/versions/1").body["subject"] == ":.test:s"
    assert json.loads(own_registry.ask("GET", f"{base}/schemas/ids/1").body["schema"]) == record("b")
    assert [each["subject"] for each in own_registry.ask("GET", f"{base}/schemas").body] == [":.test:s"]
    assert own_registry.ask("POST", f"{base}/compatibility/subjects/s/versions/latest", body).body["is_compatible"]
    assert own_registry.ask("GET", "/contexts/:.:/subjects/s/versions/1").body["subject"] == "s"
    assert own_registry.ask("GET", "/contexts/a:b/subjects").status == 400


def test_a_level_or_mode_of_a_context_holds_for_its_subjects_alone(own_registry: Registry) -> None:
    assert own_registry.ask("PUT", "/contexts/test/config", {"compatibility": "NONE"}).status == 200
    assert own_registry.ask("PUT", "/mode/:.test:", {"mode": "READONLY"}).status == 200
    assert own_registry.ask("GET", "/config/:.test:s?defaultToGlobal=true").body == {"compatibilityLevel": "NONE"}
    assert own_registry.ask("GET", "/config/s?defaultToGlobal=true").body == {"compatibilityLevel": "BACKWARD"}
    assert own_registry.ask("GET", "/contexts/.test/mode/s?defaultToGlobal=true").body == {"mode": "READONLY"}
    assert own_registry.ask("GET", "/mode/s?defaultToGlobal=true").body == {"mode": "READWRITE"}
    assert own_registry.ask("PUT", "/config/:.:", {"compatibility": "FULL"}).status == 200
    assert own_registry.ask("GET", "/config").body == {"compatibilityLevel": "FULL"}


def test_an_unqualified_subject_is_found_in_the_context_that_has_it(own_registry: Registry) -> None:
    own_registry.register(":.test:s", record("a"))
    assert own_registry.ask("GET", "/subjects/s/versions/latest").body["subject"] == ":.test:s"
    found = own_registry.ask("POST", "/subjects/s", {"schema": json.dumps(record("a"))})
    assert found.body["subject"] == ":.test:s"


def test_an_unqualified_reference_means_the_context_of_its_schema(own_registry: Registry) -> None:
    own_registry.register(":.test:inner", record("a", name="Inner"))
    outer = record({"name": "i", "type": "Inner"}, name="Outer")
    references = [{"name": "test.Inner", "subject": "inner", "version": 1}]
    body = {"schema": json.dumps(outer), "references": references}
    assert own_registry.ask("POST", "/subjects/:.test:outer/versions", body).status == 200
    assert own_registry.ask("POST", "/subjects/outer/versions", body).body["error_code"] == 42201
    assert own_registry.ask("DELETE", "/subjects/:.test:inner").body["error_code"] == 42206


def test_an_empty_context_is_deleted_and_its_ids_are_not_given_again(own_registry: Registry) -> None:
    first = own_registry.register(":.gone:s", record("a"))
    full = own_registry.ask("DELETE", "/contexts/.gone")
    assert (full.status, full.body["error_code"]) == (422, 42211)
    for query in ("", "?permanent=true"):
        own_registry.ask("DELETE", f"/subjects/:.gone:s{query}")
    gone = own_registry.ask("DELETE", "/contexts/.gone")
    assert (gone.status, gone.body) == (204, "")
    assert own_registry.ask("GET", "/contexts").body == ["."]
    assert own_registry.ask("DELETE", "/contexts/.gone").body["error_code"] == 40401
    assert own_registry.register(":.gone:s", record("b")) > first
