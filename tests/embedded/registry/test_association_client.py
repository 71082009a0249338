"""What Confluent's Python client does with associations, its serializers' strategy among it."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka.schema_registry import (
    AssociationCreateOrUpdateInfo,
    AssociationCreateOrUpdateRequest,
    Schema,
    SchemaRegistryClient,
)
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.schema_registry.error import SchemaRegistryError
from confluent_kafka.schema_registry.serde import SubjectNameStrategyType
from confluent_kafka.serialization import MessageField, SerializationContext, SerializationError

from hangarstack.settings import Secret, Settings
from tests.embedded.registry.schemas import fresh, optional, record
from tests.support.registry import Registry, running

CLUSTER = "subject.name.strategy.kafka.cluster.id"
FALLBACK = "subject.name.strategy.fallback.type"


@pytest.fixture
def client(registry: Registry) -> Iterator[SchemaRegistryClient]:
    with SchemaRegistryClient({"url": registry.url, "timeout": 10, "max.retries": 0}) as made:
        yield made


@pytest.fixture
def topic() -> str:
    return f"topic.{uuid.uuid4().hex}"


def avro(value: object) -> Schema:
    return Schema(json.dumps(value), "AVRO")


def request(topic: str, *, namespace: str = "lkc-1", **fields: Any) -> AssociationCreateOrUpdateRequest:
    info = AssociationCreateOrUpdateInfo(association_type="value", **fields)
    return AssociationCreateOrUpdateRequest(
        resource_name=topic,
        resource_namespace=namespace,
        resource_id=f"{namespace}:{topic}",
        resource_type="topic",
        associations=[info],
    )


def strategy(**conf: Any) -> dict[str, Any]:
    return {
        "subject.name.strategy.type": SubjectNameStrategyType.ASSOCIATED,
        "subject.name.strategy.conf": {CLUSTER: "lkc-1", **conf},
    }


def value_of(topic: str) -> SerializationContext:
    return SerializationContext(topic, MessageField.VALUE)


def test_an_association_is_made_read_and_ended(client: SchemaRegistryClient, topic: str) -> None:
    subject = fresh()
    client.register_schema(subject, avro(record("a")))
    made = client.create_association(request(topic, subject=subject, lifecycle="STRONG", frozen=False))
    assert (made.resource_id, made.resource_type) == (f"lkc-1:{topic}", "topic")
    assert made.associations is not None
    info = made.associations[0]
    assert (info.subject, info.association_type, info.lifecycle, info.frozen) == (subject, "value", "STRONG", False)
    (found,) = client.get_associations_by_resource_name(topic, "lkc-1", "topic", ["key", "value"], 0, -1)
    assert (found.subject, found.resource_id, found.association_type) == (subject, f"lkc-1:{topic}", "value")
    assert found.guid is not None
    assert client.get_associations_by_resource_name(topic, "-", "topic", ["key"]) == []
    client.delete_associations(f"lkc-1:{topic}", "topic", ["value"], cascade_lifecycle=True)
    assert client.get_associations_by_resource_name(topic, "-") == []
    assert client.get_subjects(subject_prefix=subject) == []


def test_a_schema_comes_with_its_association(client: SchemaRegistryClient, topic: str) -> None:
    made = client.create_association(request(topic, schema=avro(record("a"))))
    assert made.associations is not None
    info = made.associations[0]
    assert (info.subject, info.lifecycle, info.frozen) == (f":.lkc-1:{topic}-value", "STRONG", True)
    assert info.schema is not None
    assert json.loads(str(info.schema.schema_str)) == record("a")
    (found,) = client.get_associations_by_resource_name(topic, "-")
    assert found.frozen


def test_the_client_is_told_why(client: SchemaRegistryClient, topic: str) -> None:
    with pytest.raises(SchemaRegistryError) as refused:
        client.create_association(request(topic, subject=fresh("nobody"), lifecycle="WEAK"))
    assert (refused.value.http_status_code, refused.value.error_code) == (409, 40907)
    with pytest.raises(SchemaRegistryError) as refused:
        client.delete_associations("nobody")
    assert (refused.value.http_status_code, refused.value.error_code) == (404, 40410)


@pytest.mark.parametrize("namespace", ["lkc-1", "-"])
def test_a_serializer_registers_under_the_associated_subject(
    client: SchemaRegistryClient, topic: str, namespace: str
) -> None:
    subject = fresh()
    client.create_association(
        request(topic, namespace=namespace, subject=subject, lifecycle="STRONG", schema=avro(record("a")))
    )
    conf = strategy(**{CLUSTER: namespace})
    written = AvroSerializer(client, json.dumps(record("a", optional("b"))), conf=conf)
    assert written({"a": 7, "b": 1}, value_of(topic)) is not None
    assert client.get_versions(subject) == [1, 2]
    assert client.get_subjects(subject_prefix=topic) == []


def test_a_record_goes_there_and_back_through_the_associated_subject(client: SchemaRegistryClient, topic: str) -> None:
    subject = fresh()
    client.register_schema(subject, avro(record("a")))
    client.create_association(request(topic, subject=subject, lifecycle="WEAK"))
    conf = {**strategy(), "auto.register.schemas": False, "use.latest.version": True}
    data = AvroSerializer(client, conf=conf)({"a": 7}, value_of(topic))
    client.register_schema(subject, avro(record("a", optional("b"))))
    client.clear_caches()  # type: ignore[no-untyped-call]  # the client says no types here
    # Only the associated subject knows of b.
    reader = AvroDeserializer(client, conf={**strategy(), "use.latest.version": True})
    assert reader(data, value_of(topic)) == {"a": 7, "b": None}


def test_two_topics_share_one_subject(client: SchemaRegistryClient, topic: str) -> None:
    subject = fresh()
    schema_id = client.register_schema(subject, avro(record("a")))
    conf = {**strategy(), "auto.register.schemas": False, "use.latest.version": True}
    for name in (topic, f"{topic}-2"):
        client.create_association(request(name, subject=subject, lifecycle="WEAK"))
        data = AvroSerializer(client, conf=conf)({"a": 7}, value_of(name))
        assert data is not None
        assert int.from_bytes(data[1:5], "big") == schema_id


def test_a_topic_without_an_association_falls_back_to_its_name(client: SchemaRegistryClient, topic: str) -> None:
    AvroSerializer(client, json.dumps(record("a")), conf=strategy())({"a": 7}, value_of(topic))
    assert client.get_versions(f"{topic}-value") == [1]
    strict = AvroSerializer(client, json.dumps(record("a")), conf=strategy(**{FALLBACK: "NONE"}))
    with pytest.raises(SerializationError, match="No associated subject found"):
        strict({"a": 7}, value_of(f"{topic}-2"))


def test_associations_ask_for_the_credentials_too(tmp_path: Path, topic: str) -> None:
    settings = Settings(home=tmp_path, registry_username="u", registry_password=Secret("p"))
    with running(replace(settings)) as closed:
        assert closed.ask("POST", "/associations", {}).status == 401
        assert closed.ask("GET", f"/associations/resources/-/{topic}").status == 401
        with SchemaRegistryClient({"url": closed.url, "basic.auth.user.info": "u:p", "timeout": 10}) as client:
            client.create_association(request(topic, schema=avro(record("a"))))
            assert len(client.get_associations_by_resource_name(topic, "-")) == 1
