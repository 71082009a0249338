"""What Confluent's Python client does with a registry, done with ours."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from confluent_kafka.schema_registry import (
    ConfigCompatibilityLevel,
    Metadata,
    MetadataProperties,
    Rule,
    RuleKind,
    RuleMode,
    RuleParams,
    RuleSet,
    Schema,
    SchemaReference,
    SchemaRegistryClient,
    ServerConfig,
    header_schema_id_serializer,
)
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.schema_registry.error import SchemaRegistryError
from confluent_kafka.schema_registry.serde import SchemaId
from confluent_kafka.serialization import MessageField, SerializationContext

from tests.embedded.registry.schemas import fresh, optional, record
from tests.support.registry import Registry


@pytest.fixture
def connect(registry: Registry) -> Iterator[Callable[[], SchemaRegistryClient]]:
    """Makes clients that remember nothing of each other."""
    with contextlib.ExitStack() as stack:
        yield lambda: stack.enter_context(SchemaRegistryClient({"url": registry.url, "timeout": 10, "max.retries": 0}))


@pytest.fixture
def client(connect: Callable[[], SchemaRegistryClient]) -> SchemaRegistryClient:
    return connect()


def avro(value: object, **fields: Any) -> Schema:
    return Schema(json.dumps(value), "AVRO", **fields)


def test_a_registered_schema_is_read_back_by_id_version_and_lookup(client: SchemaRegistryClient) -> None:
    subject = fresh()
    schema_id = client.register_schema(subject, avro(record("a")))
    latest = client.get_latest_version(subject)
    assert (latest.schema_id, latest.version, latest.subject) == (schema_id, 1, subject)
    assert json.loads(str(client.get_schema(schema_id).schema_str)) == record("a")
    assert client.get_version(subject, 1).schema_id == schema_id
    found = client.lookup_schema(subject, avro(record("a")))
    assert (found.schema_id, found.version, found.guid) == (schema_id, 1, latest.guid)


def test_registering_again_changes_nothing(connect: Callable[[], SchemaRegistryClient]) -> None:
    subject = fresh()
    first, second = (connect().register_schema(subject, avro(record("a"))) for _ in range(2))
    assert first == second
    assert connect().get_versions(subject) == [1]


def test_a_schema_has_one_id_in_all_subjects(client: SchemaRegistryClient) -> None:
    one, other = fresh(), fresh()
    schema = avro(record("a", name="Shared"))
    schema_id = client.register_schema(one, schema)
    assert client.register_schema(other, schema) == schema_id
    assert set(client.get_subjects_by_schema_id(schema_id)) >= {one, other}
    pairs = {(each.subject, each.version) for each in client.get_schema_versions(schema_id)}
    assert pairs >= {(one, 1), (other, 1)}


def test_a_compatible_change_is_the_next_version_and_a_breaking_one_is_refused(client: SchemaRegistryClient) -> None:
    subject = fresh()
    client.register_schema(subject, avro(record("a")))
    client.register_schema(subject, avro(record("a", optional("b"))))
    assert client.get_versions(subject) == [1, 2]
    breaking = avro(record("a", optional("b"), "c"))
    assert not client.test_compatibility(subject, breaking)
    assert not client.test_compatibility_all_versions(subject, breaking)
    with pytest.raises(SchemaRegistryError) as refused:
        client.register_schema(subject, breaking)
    assert (refused.value.http_status_code, refused.value.error_code) == (409, 409)
    assert "READER_FIELD_MISSING_DEFAULT_VALUE" in refused.value.error_message


def test_levels_are_set_for_a_subject_and_taken_back(client: SchemaRegistryClient) -> None:
    subject = fresh()
    assert client.get_compatibility() == "BACKWARD"
    with pytest.raises(SchemaRegistryError) as unset:
        client.get_compatibility(subject)
    assert unset.value.error_code == 40408
    client.set_compatibility(subject, "none")
    assert client.get_compatibility(subject) == "NONE"
    client.register_schema(subject, avro(record("a")))
    client.register_schema(subject, avro("string"))
    assert client.delete_config(subject).compatibility_level == ConfigCompatibilityLevel.NONE


def test_a_configuration_keeps_what_the_client_sends(client: SchemaRegistryClient) -> None:
    subject = fresh()
    config = ServerConfig(
        compatibility=ConfigCompatibilityLevel.FULL,
        compatibility_group="major",
        default_metadata=Metadata(None, MetadataProperties({"owner": "search"}), None),
        override_rule_set=RuleSet([], [rule("check")]),
    )
    client.set_config(subject, config)
    held = client.get_config(subject)
    assert held.compatibility_level == ConfigCompatibilityLevel.FULL
    assert held.compatibility_group == "major"
    assert held.default_metadata == Metadata(None, MetadataProperties({"owner": "search"}), [])
    assert held.override_rule_set is not None
    assert [each.name for each in held.override_rule_set.domain_rules or []] == ["check"]


def rule(name: str) -> Rule:
    return Rule(
        name,
        "why",
        RuleKind.CONDITION,
        RuleMode.WRITE,
        "CEL",
        ["PII"],
        RuleParams({"b": "2", "a": "1"}),
        "message.a > 0",
        None,
        "ERROR",
        False,
    )


def test_metadata_and_rules_come_back_as_they_were_sent(client: SchemaRegistryClient) -> None:
    subject = fresh()
    # Not tags: this client cannot hash them (see test_data_contracts for those).
    metadata = Metadata(None, MetadataProperties({"owner": "search"}), ["secret"])
    schema = avro(record("a"), metadata=metadata, rule_set=RuleSet([], [rule("positive")]))
    registered = client.register_schema_full_response(subject, schema)
    held = client.get_latest_version(subject)
    assert held.schema.metadata == metadata
    assert held.schema.rule_set is not None
    assert held.schema.rule_set.domain_rules == [rule("positive")]
    assert held.guid == registered.guid
    assert client.get_latest_with_metadata(subject, {"owner": "search"}).version == 1
    with pytest.raises(SchemaRegistryError) as missing:
        client.get_latest_with_metadata(subject, {"owner": "nobody"})
    assert missing.value.error_code == 40403


def test_a_schema_is_found_by_its_guid(
    client: SchemaRegistryClient, connect: Callable[[], SchemaRegistryClient]
) -> None:
    registered = client.register_schema_full_response(fresh(), avro(record("by_guid")))
    assert registered.guid is not None
    found = connect().get_schema_by_guid(registered.guid)
    assert json.loads(str(found.schema_str)) == record("by_guid")
    with pytest.raises(SchemaRegistryError) as missing:
        client.get_schema_by_guid("00000000-0000-0000-0000-000000000000")
    assert missing.value.error_code == 40403


def test_references_are_kept_and_resolved(
    client: SchemaRegistryClient, connect: Callable[[], SchemaRegistryClient]
) -> None:
    inner, outer = fresh("inner"), fresh("outer")
    inner_id = client.register_schema(inner, avro(record("a", name="Inner")))
    reference = SchemaReference("test.Inner", inner, 1)
    schema = avro(record({"name": "i", "type": "Inner"}, name="Outer"), references=[reference])
    outer_id = client.register_schema(outer, schema)
    assert client.get_schema(outer_id).references == [reference]
    assert client.get_referenced_by(inner, 1) == [outer_id]
    assert inner_id != outer_id
    resolved = connect().get_schema(outer_id, fmt="resolved")
    fields = json.loads(str(resolved.schema_str))["fields"]
    assert fields[0]["type"]["fields"] == [{"name": "a", "type": "int"}]


def test_subjects_and_versions_are_deleted_softly_then_for_good(client: SchemaRegistryClient) -> None:
    subject = fresh()
    client.register_schema(subject, avro(record("a")))
    client.register_schema(subject, avro(record("a", optional("b"))))
    assert client.delete_version(subject, 1) == 1
    assert client.get_versions(subject) == [2]
    assert client.get_versions(subject, deleted=True) == [1, 2]
    assert client.get_versions(subject, deleted_only=True) == [1]
    assert client.delete_subject(subject) == [2]
    assert subject not in client.get_subjects()
    assert subject in client.get_subjects(deleted=True)
    assert subject in client.get_subjects(deleted_only=True)
    assert client.delete_subject(subject, permanent=True) == [1, 2]
    assert subject not in client.get_subjects(deleted=True)


def test_modes_are_set_and_taken_back(client: SchemaRegistryClient) -> None:
    subject = fresh()
    assert client.get_global_mode() == "READWRITE"
    assert client.update_mode(subject, "READONLY") == "READONLY"
    assert client.get_mode(subject) == "READONLY"
    with pytest.raises(SchemaRegistryError) as refused:
        client.register_schema(subject, avro(record("a")))
    assert refused.value.error_code == 42205
    assert client.delete_mode(subject) == "READONLY"
    client.register_schema(subject, avro(record("a")))


def test_the_client_lists_what_the_registry_supports(client: SchemaRegistryClient) -> None:
    assert client.get_schema_types() == ["AVRO"]
    assert client.get_contexts()[0] == "."


def test_avro_serializer_and_deserializer_work_through_it(client: SchemaRegistryClient) -> None:
    topic = fresh("topic").removesuffix("-value")
    text = json.dumps(record("a", {"name": "s", "type": "string"}))
    context = SerializationContext(topic, MessageField.VALUE)
    value = AvroSerializer(client, text)({"a": 1, "s": "x"}, context)
    assert value is not None
    assert AvroDeserializer(client)(value, context) == {"a": 1, "s": "x"}
    reader = json.dumps(record("a", {"name": "t", "type": "string", "default": "new"}))
    assert AvroDeserializer(client, reader)(value, context) == {"a": 1, "t": "new"}


def test_schema_ids_travel_as_guids_in_record_headers(
    client: SchemaRegistryClient, connect: Callable[[], SchemaRegistryClient]
) -> None:
    topic = fresh("topic").removesuffix("-value")
    headers: dict[str, str | bytes | None] = {}
    context = SerializationContext(topic, MessageField.VALUE, headers=headers)
    conf = {"schema.id.serializer": header_schema_id_serializer}
    text = json.dumps(record({"name": "a", "type": "string"}))
    value = AvroSerializer(client, text, conf=conf)({"a": "long enough for the client"}, context)
    assert value is not None
    (header,) = headers.values()
    sent = SchemaId("AVRO")
    assert isinstance(header, bytes)
    sent.from_bytes(io.BytesIO(header))
    assert str(sent.guid) == client.get_latest_version(f"{topic}-value").guid
    assert AvroDeserializer(connect())(value, context) == {"a": "long enough for the client"}
