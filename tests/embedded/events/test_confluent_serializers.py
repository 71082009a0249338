from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any

import fastavro
import pytest
from confluent_kafka.schema_registry import Schema, SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.serialization import MessageField, SerializationContext

from benchmarks.samples import SAMPLES
from hangarstack.events import CODECS
from hangarstack.events.runtime import Codec, frame, unframe
from tests.support.registry import Registry

_PAIRS = list(zip(CODECS, SAMPLES, strict=True))
_IDS = [codec.name for codec in CODECS]


@pytest.fixture
def client(registry: Registry) -> Iterator[SchemaRegistryClient]:
    """Confluent's client of the embedded registry."""
    with SchemaRegistryClient({"url": registry.url, "timeout": 10, "max.retries": 0}) as client:
        yield client


def _register(client: SchemaRegistryClient, codec: Codec[Any]) -> dict[int, int]:
    """Register every version, oldest first, and return each one's schema id."""
    client.set_compatibility(codec.subject, level="NONE")
    return {
        version: client.register_schema(codec.subject, Schema(text, "AVRO"))
        for version, text in sorted(codec.versions.items())
    }


def _plain(codec: Codec[Any], version: int, body: bytes) -> Any:
    return fastavro.schemaless_reader(io.BytesIO(body), json.loads(codec.versions[version]), None)


@pytest.mark.parametrize(("codec", "event"), _PAIRS, ids=_IDS)
def test_confluents_deserializer_reads_what_we_write(
    client: SchemaRegistryClient, codec: Codec[Any], event: Any
) -> None:
    ids = _register(client, codec)
    context = SerializationContext(codec.topic, MessageField.VALUE)
    body = codec.encode(event)
    value = frame(ids[codec.version], body)
    assert AvroDeserializer(client)(value, context) == _plain(codec, codec.version, body)


@pytest.mark.parametrize(("codec", "event"), _PAIRS, ids=_IDS)
def test_we_read_what_confluent_writes_with_any_version(
    client: SchemaRegistryClient, codec: Codec[Any], event: Any
) -> None:
    ids = _register(client, codec)
    context = SerializationContext(codec.topic, MessageField.VALUE)
    current = _plain(codec, codec.version, codec.encode(event))
    for version, text in codec.versions.items():
        names = [field["name"] for field in json.loads(text)["fields"]]
        record = {name: current[name] if name in current else current["referrer_url"] for name in names}
        serialize = AvroSerializer(client, text, conf={"auto.register.schemas": False})
        schema_id, body = unframe(serialize(record, context))
        assert schema_id == ids[version]
        decoded = codec.decode(version, body)
        assert type(decoded) is type(event)
        assert decoded.event_id == event.event_id
        if version == codec.version:
            assert decoded == event


@pytest.mark.parametrize(("codec", "event"), _PAIRS, ids=_IDS)
def test_both_serializers_write_the_same_bytes(client: SchemaRegistryClient, codec: Codec[Any], event: Any) -> None:
    ids = _register(client, codec)
    context = SerializationContext(codec.topic, MessageField.VALUE)
    serialize = AvroSerializer(client, codec.schema_text, conf={"auto.register.schemas": False})
    body = codec.encode(event)
    assert serialize(_plain(codec, codec.version, body), context) == frame(ids[codec.version], body)


def test_the_registry_tells_the_schema_by_which_a_codec_knows_its_version(client: SchemaRegistryClient) -> None:
    for codec in CODECS:
        for version, schema_id in _register(client, codec).items():
            text = client.get_schema(schema_id).schema_str
            assert text is not None
            assert codec.version_of(text) == version
