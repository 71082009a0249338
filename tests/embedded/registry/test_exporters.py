"""Exporters copy what they select to another registry, under the ids that it has, and follow what changes."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.serialization import MessageField, SerializationContext

from hangarstack.settings import Settings
from tests.embedded.registry.exporters import caught_up, definition, eventually, everything, export, status, told
from tests.embedded.registry.schemas import optional, record
from tests.support.answering import dripping
from tests.support.registry import Registry, running

_RULES = {"domainRules": [{"name": "r", "kind": "CONDITION", "mode": "WRITE", "type": "CEL", "expr": "a > 0"}]}
_CHAIN = ("middle", "outer", "target")
_METADATA = {"properties": {"owner": "shop"}}


@pytest.fixture
def source(own_registry: Registry) -> Registry:
    """A registry to copy from, empty."""
    return own_registry


@pytest.fixture
def destination(tmp_path: Path) -> Iterator[Registry]:
    """A registry to copy to, empty."""
    with running(Settings(home=tmp_path / "destination")) as started:
        yield started


def refer(registry: Registry, subject: str, name: str, target: str, *, target_subject: str, version: int = 1) -> int:
    schema = record({"name": "f", "type": f"shop.{target}"}, name=name, namespace="shop")
    reference = {"name": f"shop.{target}", "subject": target_subject, "version": version}
    return registry.register(subject, schema, references=[reference])


def copy_a_reference_and_pause(source: Registry, destination: Registry) -> None:
    """Copy a subject, and one that refers to it; what is changed then is done at the destination after a resume."""
    source.register("target", {"type": "record", "name": "Money", "namespace": "shop", "fields": []})
    refer(source, "referring", "Order", "Money", target_subject="target")
    export(source, destination)
    caught_up(source)
    told(source, "pause")


def fill(registry: Registry) -> None:
    """Give a registry something of each kind."""
    registry.register("one", record("a"))
    registry.register("one", record("a", optional("b")), metadata=_METADATA, ruleSet=_RULES)
    registry.register("target", {"type": "record", "name": "Money", "namespace": "shop", "fields": []})
    refer(registry, "referring", "Order", "Money", target_subject="target")
    registry.register(":.site:one", record("c"))
    registry.register("gone", record("a", name="Gone"))
    registry.register("gone", record("a", optional("b"), name="Gone"))
    assert registry.ask("DELETE", "/subjects/gone/versions/1").status == 200
    registry.ask("PUT", "/config/one", {"compatibility": "FULL"})


def test_a_registry_is_copied_with_ids_versions_guids_references_rules_and_deletions(
    source: Registry, destination: Registry
) -> None:
    fill(source)
    export(source, destination)
    caught_up(source)
    assert everything(destination) == everything(source)
    assert destination.ask("GET", "/config/one").body == {"compatibilityLevel": "FULL"}


def test_what_changes_later_is_copied_within_two_seconds(source: Registry, destination: Registry) -> None:
    export(source, destination)
    caught_up(source)
    schema_id = source.register("late", record("a"))
    began = time.monotonic()
    eventually(lambda: destination.ask("GET", "/subjects/late/versions/1").status == 200)
    assert time.monotonic() - began < 2
    assert destination.ask("GET", "/subjects/late/versions/1").body["id"] == schema_id


def test_deletions_are_followed_and_what_comes_after_them(source: Registry, destination: Registry) -> None:
    export(source, destination)
    for schema in (record("a"), record("a", optional("b")), record("a", optional("c"))):
        source.register("s", schema)
    source.register("t", record("t"))
    caught_up(source)
    source.ask("DELETE", "/subjects/s/versions/2")
    source.ask("DELETE", "/subjects/t")
    caught_up(source)
    assert everything(destination) == everything(source)
    source.ask("DELETE", "/subjects/s/versions/2?permanent=true")
    source.ask("DELETE", "/subjects/t?permanent=true")
    caught_up(source)
    assert everything(destination) == everything(source)
    source.register("t", record("t"))
    source.register("s", record("a", optional("b")))
    caught_up(source)
    assert everything(destination) == everything(source)
    assert destination.ask("GET", "/subjects/s/versions").body == [1, 3, 4]


def test_configurations_are_followed_but_for_what_would_change_the_copies(
    source: Registry, destination: Registry
) -> None:
    export(source, destination)
    full = {"compatibility": "FULL", "normalize": True, "alias": "other", "overrideMetadata": _METADATA}
    source.ask("PUT", "/config/s", full)
    source.ask("PUT", "/config/:.site:", {"compatibility": "NONE"})
    source.ask("PUT", "/config", {"compatibility": "FORWARD"})
    source.register("s", record("a"))
    caught_up(source)
    assert destination.ask("GET", "/config/s").body == {"compatibilityLevel": "FULL", "overrideMetadata": _METADATA}
    assert destination.ask("GET", "/config/:.site:").body == {"compatibilityLevel": "NONE"}
    assert destination.ask("GET", "/config").body == {"compatibilityLevel": "BACKWARD"}
    source.ask("DELETE", "/config/s")
    caught_up(source)
    assert destination.ask("GET", "/config/s").status == 404


def test_what_is_set_for_all_holds_at_the_destination_for_the_context_of_the_copies(
    source: Registry, destination: Registry
) -> None:
    source.ask("PUT", "/config", {"compatibility": "FORWARD"})
    export(source, destination, contextType="CUSTOM", context="c")
    caught_up(source)
    assert destination.ask("GET", "/config/:.c:").body == {"compatibilityLevel": "FORWARD"}
    assert destination.ask("GET", "/config").body == {"compatibilityLevel": "BACKWARD"}


@pytest.mark.parametrize(
    ("fields", "names"),
    [
        ({"contextType": "NONE"}, [":.site:s", "s"]),
        ({"contextType": "DEFAULT", "subjects": [".site"]}, ["s"]),
        ({"contextType": "CUSTOM", "context": "copies"}, [":.copies.site:s", ":.copies:s"]),
        ({"contextType": "CUSTOM", "context": ".copies.of.it"}, [":.copies.of.it.site:s", ":.copies.of.it:s"]),
        ({"contextType": "custom", "context": ":.copies:", "subjects": ["*"]}, [":.copies:s"]),
        ({"contextType": "NONE", "subjectRenameFormat": "dc_${subject}"}, [":.site:dc_s", "dc_s"]),
        (
            {
                "contextType": "CUSTOM",
                "context": "c",
                "subjectRenameFormat": "${subject}.${subject}",
                "subjects": ["s"],
            },
            [":.c:s.s"],
        ),
        ({"contextType": "NONE", "subjectRenameFormat": "other", "subjects": [":.site:s"]}, [":.site:other"]),
    ],
)
def test_copies_go_into_the_context_and_under_the_name_that_is_asked_for(
    source: Registry, destination: Registry, fields: dict[str, Any], names: list[str]
) -> None:
    source.register("s", record("a"))
    source.register(":.site:s", record("b"))
    export(source, destination, **fields)
    caught_up(source)
    assert destination.ask("GET", "/subjects?subjectPrefix=:*:").body == names


def test_the_automatic_context_is_of_the_source_and_is_told(source: Registry, destination: Registry) -> None:
    schema_id = source.register("s", record("a"))
    export(source, destination, contextType=None, subjects=None)
    caught_up(source)
    context = source.ask("GET", "/exporters/e").body["context"]
    assert re.fullmatch(r"\.lsrc-[0-9a-f]{8}", context)
    assert destination.ask("GET", f"/subjects/:{context}:s/versions/1").body["id"] == schema_id
    assert destination.ask("GET", f"/mode/:{context}:").body == {"mode": "IMPORT"}


@pytest.mark.parametrize(
    ("subjects", "names"),
    [
        (["*"], ["orders", "orders-key", "users"]),
        (None, ["orders", "orders-key", "users"]),
        (["orders*"], ["orders", "orders-key"]),
        (["orders", "users"], ["orders", "users"]),
        ([":.site:orders"], [":.site:orders"]),
        ([":.site:*"], [":.site:orders", ":.site:users"]),
        ([".site"], [":.site:orders", ":.site:users"]),
        ([":.site:u*", "users"], [":.site:users", "users"]),
        ([":*:"], [":.site:orders", ":.site:users", "orders", "orders-key", "users"]),
        ([":*:orders*"], [":.site:orders", "orders", "orders-key"]),
        ([":.si:*"], []),
    ],
)
def test_what_is_selected_is_copied_and_nothing_else(
    source: Registry, destination: Registry, subjects: list[str] | None, names: list[str]
) -> None:
    for subject in ("orders", "orders-key", "users", ":.site:orders", ":.site:users"):
        source.register(subject, record("a"))
    export(source, destination, subjects=subjects)
    caught_up(source)
    assert destination.ask("GET", "/subjects?subjectPrefix=:*:").body == names


def test_what_a_copy_refers_to_is_there_before_it_under_the_name_that_it_has_there(
    source: Registry, destination: Registry
) -> None:
    source.register("target", {"type": "record", "name": "Money", "namespace": "shop", "fields": []})
    refer(source, "middle", "Price", "Money", target_subject="target")
    refer(source, "outer", "Order", "Price", target_subject="middle")
    export(
        source, destination, subjects=["outer"], contextType="CUSTOM", context="c", subjectRenameFormat="x-${subject}"
    )
    caught_up(source)
    assert destination.ask("GET", "/subjects?subjectPrefix=:*:").body == [":.c:x-middle", ":.c:x-outer", ":.c:x-target"]
    (reference,) = destination.ask("GET", "/subjects/:.c:x-outer/versions/1").body["references"]
    assert reference == {"name": "shop.Price", "subject": "x-middle", "version": 1}
    resolved = destination.ask("GET", "/subjects/:.c:x-outer/versions/1?format=resolved").body["schema"]
    assert "Money" in resolved


def test_a_reference_into_another_context_leads_to_the_copy_there(source: Registry, destination: Registry) -> None:
    source.register(":.shared:target", {"type": "record", "name": "Money", "namespace": "shop", "fields": []})
    refer(source, "referring", "Order", "Money", target_subject=":.shared:target")
    export(source, destination, contextType="CUSTOM", context="c")
    caught_up(source)
    (reference,) = destination.ask("GET", "/subjects/:.c:referring/versions/1").body["references"]
    assert reference["subject"] == ":.c.shared:target"


def test_a_soft_deleted_version_that_refers_to_another_is_copied_so(source: Registry, destination: Registry) -> None:
    source.register("target", {"type": "record", "name": "Money", "namespace": "shop", "fields": []})
    refer(source, "referring", "Order", "Money", target_subject="target")
    source.ask("DELETE", "/subjects/referring")
    source.ask("DELETE", "/subjects/target")
    export(source, destination)
    caught_up(source)
    assert [each["deleted"] for each in everything(destination)] == [True, True]
    assert everything(destination) == everything(source)


def test_a_soft_deleted_version_that_refers_to_what_is_gone_is_left_out(
    source: Registry, destination: Registry
) -> None:
    source.register("target", {"type": "record", "name": "Money", "namespace": "shop", "fields": []})
    refer(source, "referring", "Order", "Money", target_subject="target")
    source.ask("DELETE", "/subjects/referring")
    for query in ("", "?permanent=true"):
        assert source.ask("DELETE", f"/subjects/target{query}").status == 200
    export(source, destination)
    source.register("next", record("a"))
    caught_up(source)
    assert destination.ask("GET", "/subjects?deleted=true").body == ["next"]


def test_deletions_that_were_missed_are_done_in_an_order_that_the_destination_takes(
    source: Registry, destination: Registry
) -> None:
    copy_a_reference_and_pause(source, destination)
    for path in ("referring", "target", "referring?permanent=true"):
        assert source.ask("DELETE", f"/subjects/{path}").status == 200
    source.register("referring", record("other"))
    told(source, "resume")
    caught_up(source)
    assert everything(destination) == everything(source)


def test_a_deletion_that_had_to_wait_leaves_the_configuration_that_was_set_after_it(
    source: Registry, destination: Registry
) -> None:
    copy_a_reference_and_pause(source, destination)
    # The destination deletes what is referred to last, and a subject's configuration with its last version.
    for path in ("referring", "target", "target?permanent=true", "referring?permanent=true"):
        assert source.ask("DELETE", f"/subjects/{path}").status == 200
    source.ask("PUT", "/config/target", {"compatibility": "FULL"})
    told(source, "resume")
    caught_up(source)
    assert everything(destination) == []
    assert destination.ask("GET", "/config/target").body == {"compatibilityLevel": "FULL"}


def test_what_is_refused_holds_up_nothing_else_and_is_done_when_it_can_be(
    source: Registry, destination: Registry
) -> None:
    destination.register(":.b:own", record("x", name="Own"))
    source.register(":.b:s", record("a"))
    source.register(":.a:s", record("a"))
    export(source, destination)
    eventually(lambda: destination.ask("GET", "/subjects/:.a:s/versions").status == 200)
    eventually(lambda: "Cannot import" in status(source)["trace"])
    assert status(source)["offset"] == 0
    for query in ("", "?permanent=true"):
        destination.ask("DELETE", f"/subjects/:.b:own{query}")
    caught_up(source)
    assert everything(destination) == everything(source)


def test_a_namesake_in_another_context_does_not_pass_for_a_copy(source: Registry, destination: Registry) -> None:
    source.register(":.site:s", record("a"))
    source.register("s", record("a"))
    source.ask("DELETE", "/subjects/s")
    export(source, destination)
    caught_up(source)
    assert everything(destination) == everything(source)


def test_confluents_client_reads_at_the_destination_what_was_written_at_the_source(
    source: Registry, destination: Registry
) -> None:
    export(source, destination)
    context = SerializationContext("orders", MessageField.VALUE)
    with SchemaRegistryClient({"url": source.url}) as client:
        data = AvroSerializer(client, json.dumps(record("a")))({"a": 7}, context)
    caught_up(source)
    with SchemaRegistryClient({"url": destination.url}) as client:
        assert AvroDeserializer(client)(data, context) == {"a": 7}
        guid = source.ask("GET", "/subjects/orders-value/versions/1").body["guid"]
        assert json.loads(str(client.get_schema_by_guid(guid).schema_str))["name"] == "R"


def test_what_the_destination_has_of_its_own_is_neither_overwritten_nor_deleted(
    source: Registry, destination: Registry
) -> None:
    destination.register("gone-here", record("x", name="Mine"))
    destination.register("changed-here", record("y", name="Mine"))
    before = everything(destination)
    source.register("gone-here", record("a"))
    for query in ("", "?permanent=true"):
        source.ask("DELETE", f"/subjects/gone-here{query}")
    export(source, destination)
    caught_up(source)
    assert everything(destination) == before
    source.register("changed-here", record("b"))
    eventually(lambda: "Cannot import since found existing subjects" in status(source)["trace"])
    assert everything(destination) == before
    assert destination.register("changed-here", record("y", optional("z"), name="Mine")) == 3


def test_a_copy_that_was_deleted_at_the_destination_keeps_none_that_come_later_waiting(
    source: Registry, destination: Registry
) -> None:
    source.register("s", record("a"))
    export(source, destination)
    caught_up(source)
    # With its last version the subject loses the mode that takes ids.
    for query in ("", "?permanent=true"):
        destination.ask("DELETE", f"/subjects/s{query}")
    source.register("s", record("a", optional("b")))
    caught_up(source)
    assert destination.ask("GET", "/subjects/s/versions").body == [2]


def test_a_closed_destination_stays_closed(source: Registry, destination: Registry) -> None:
    destination.ask("PUT", "/mode/s", {"mode": "READONLY"})
    source.register("s", record("a"))
    export(source, destination)
    eventually(lambda: "read-only" in status(source)["trace"])
    assert destination.ask("GET", "/mode/s").body == {"mode": "READONLY"}


def test_copies_within_one_registry_are_not_copied_again(source: Registry) -> None:
    source.register("s", record("a"))
    source.register(":.site:s", record("a"))
    export(source, source, contextType="AUTO")
    caught_up(source)
    context = source.ask("GET", "/exporters/e").body["context"]
    assert source.ask("GET", "/contexts").body == [".", context, f"{context}.site", ".site"]


def test_two_registries_copy_each_other_without_end_of_neither(source: Registry, destination: Registry) -> None:
    source.register("s", record("a"))
    destination.register("t", record("b"))
    export(source, destination, contextType="AUTO")
    export(destination, source, contextType="AUTO")
    one, other = (each.ask("GET", "/exporters/e").body["context"] for each in (source, destination))
    eventually(lambda: f"{one}{other}" in destination.ask("GET", "/contexts").body)
    eventually(lambda: f"{other}{one}" in source.ask("GET", "/contexts").body)
    for each in (source, destination):
        caught_up(each)
    assert destination.ask("GET", "/contexts").body == sorted([".", one, f"{one}{other}"])
    assert source.ask("GET", "/contexts").body == sorted([".", other, f"{other}{one}"])


def test_pause_stops_resume_goes_on_and_reset_begins_anew(source: Registry, destination: Registry) -> None:
    export(source, destination)
    source.register("one", record("a"))
    caught_up(source)
    offset = status(source)["offset"]
    assert told(source, "pause").body == {"name": "e"}
    assert (status(source)["state"], status(source)["offset"]) == ("PAUSED", offset)
    source.register("two", record("b"))
    time.sleep(1)
    assert destination.ask("GET", "/subjects").body == ["one"]
    assert told(source, "resume").body == {"name": "e"}
    caught_up(source)
    assert destination.ask("GET", "/subjects").body == ["one", "two"]
    told(source, "pause")
    assert told(source, "reset").body == {"name": "e"}
    assert (status(source)["state"], status(source)["offset"]) == ("PAUSED", 0)
    for query in ("", "?permanent=true"):
        destination.ask("DELETE", f"/subjects/one{query}")
    told(source, "resume")
    caught_up(source)
    assert everything(destination) == everything(source)


def test_a_pause_in_the_middle_lets_one_more_copy_through_at_most(source: Registry, destination: Registry) -> None:
    for number in range(150):
        source.register(f"s{number}", record("a", name=f"R{number}"))
    export(source, destination)
    eventually(lambda: len(everything(destination)) > 5)
    told(source, "pause")
    at_pause = len(everything(destination))
    assert at_pause < 140
    time.sleep(0.5)
    assert len(everything(destination)) <= at_pause + 1


def test_an_exporter_goes_on_by_what_it_was_told_last(source: Registry, destination: Registry) -> None:
    export(source, destination, subjects=["one"])
    source.register("one", record("a"))
    caught_up(source)
    told(source, "pause")
    assert source.ask("PUT", "/exporters/e", {"subjects": ["two"]}).body == {"name": "e"}
    told(source, "resume")
    source.register("one", record("a", optional("b")))
    source.register("two", record("c"))
    caught_up(source)
    assert [(each["subject"], each["version"]) for each in everything(destination)] == [("one", 1), ("two", 1)]


def test_what_an_exporter_copied_stays_when_it_is_deleted(source: Registry, destination: Registry) -> None:
    export(source, destination)
    source.register("one", record("a"))
    caught_up(source)
    told(source, "pause")
    assert source.ask("DELETE", "/exporters/e").status == 204
    assert source.ask("GET", "/exporters").body == []
    source.register("two", record("b"))
    time.sleep(1)
    assert destination.ask("GET", "/subjects").body == ["one"]


def test_registrations_do_not_wait_for_a_destination(source: Registry) -> None:
    with dripping(b"HTTP/1.1 200 OK\r\n\r\n") as url:
        source.register("first", record("a"))
        for number in range(5):
            source.ask("POST", "/exporters", definition(url, name=f"e{number}"))
        eventually(lambda: all(status(source, f"e{number}")["offset"] == 0 for number in range(5)))
        slowest = 0.0
        for number in range(30):
            began = time.monotonic()
            source.register(f"s{number}", record("a", name=f"R{number}"))
            slowest = max(slowest, time.monotonic() - began)
    assert slowest < 1
