"""Events to record values and back, by schema id."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import fastavro
import pytest
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.serialization import MessageField, SerializationContext

from hangarstack.errors import (
    DecodeError,
    EncodeError,
    RegistryUnavailableError,
    SchemaNotFoundError,
    WireFormatError,
)
from hangarstack.events.runtime.codec import Codec
from hangarstack.events.runtime.wire import frame, unframe
from hangarstack.registry import serde
from hangarstack.registry.ids import SchemaIds
from hangarstack.registry.serde import EventDecoder, EventEncoder
from hangarstack.settings import Settings
from tests.embedded.registry.schemas import fresh, record
from tests.support.registry import Registry, running

V1 = record({"name": "a", "type": "int"}, name="Thing")
V2 = record({"name": "a", "type": "long"}, {"name": "b", "type": "string", "default": "none"}, name="Thing")
NEWER = record(*V2["fields"], {"name": "c", "type": "string", "default": ""}, name="Thing")


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """An event as the generator would write it."""

    a: int
    b: str = "none"


def reading(schema: dict[str, Any]) -> Callable[[bytes], Thing]:
    parsed = fastavro.parse_schema(schema)

    def decode(body: bytes) -> Thing:
        try:
            value: Any = fastavro.schemaless_reader(io.BytesIO(body), parsed, None)
        except (EOFError, IndexError) as error:
            raise DecodeError("truncated", where="Thing") from error
        return Thing(**value)

    return decode


def written(schema: dict[str, Any], value: dict[str, Any]) -> bytes:
    out = io.BytesIO()
    fastavro.schemaless_writer(out, fastavro.parse_schema(schema), value)
    return out.getvalue()


def codec(topic: str) -> Codec[Thing]:
    return Codec(
        event_type=Thing,
        name="Thing",
        topic=topic,
        subject=f"{topic}-value",
        version=2,
        key=lambda thing: f"key-{thing.a}",
        encode=lambda thing: written(V2, {"a": thing.a, "b": thing.b}),
        decoders={1: reading(V1), 2: reading(V2)},
        versions={1: json.dumps(V1), 2: json.dumps(V2)},
    )


@pytest.fixture
def topic() -> str:
    return fresh("topic").removesuffix("-value")


@pytest.fixture
def ids(registry: Registry, tmp_path: Path) -> SchemaIds:
    return SchemaIds(replace(registry.settings, home=tmp_path))


def test_what_is_encoded_is_decoded(registry: Registry, topic: str, ids: SchemaIds) -> None:
    schema_id = registry.register(f"{topic}-value", V2)
    codecs = [codec(topic)]
    sent_to, key, value = EventEncoder(codecs, ids).encode(Thing(a=7, b="x"))
    assert (sent_to, key, unframe(value)[0]) == (topic, b"key-7", schema_id)
    assert EventDecoder(codecs, ids).decode(topic, value) == Thing(a=7, b="x")


def test_each_writer_version_is_decoded_into_the_current_class(registry: Registry, topic: str, ids: SchemaIds) -> None:
    first = registry.register(f"{topic}-value", V1)
    registry.register(f"{topic}-value", V2)
    decoder = EventDecoder([codec(topic)], ids)
    assert decoder.decode(topic, frame(first, written(V1, {"a": 3}))) == Thing(a=3)


def test_a_writer_newer_than_this_code_is_resolved(registry: Registry, topic: str, ids: SchemaIds) -> None:
    newer = registry.register(f"{topic}-value", NEWER)
    decoder = EventDecoder([codec(topic)], ids)
    value = frame(newer, written(NEWER, {"a": 3, "b": "x", "c": "dropped"}))
    assert decoder.decode(topic, value) == Thing(a=3, b="x")


def test_confluents_serializer_and_ours_read_each_other(registry: Registry, topic: str, ids: SchemaIds) -> None:
    registry.register(f"{topic}-value", V2)
    context = SerializationContext(topic, MessageField.VALUE)
    with SchemaRegistryClient({"url": registry.url}) as client:
        theirs = AvroSerializer(client, json.dumps(V2), conf={"auto.register.schemas": False})
        value = theirs({"a": 1, "b": "x"}, context)
        assert isinstance(value, bytes)
        assert EventDecoder([codec(topic)], ids).decode(topic, value) == Thing(a=1, b="x")
        _, _, ours = EventEncoder([codec(topic)], ids).encode(Thing(a=2, b="y"))
        assert AvroDeserializer(client)(ours, context) == {"a": 2, "b": "y"}


def test_rubbish_is_a_decode_error(registry: Registry, topic: str, ids: SchemaIds) -> None:
    schema_id = registry.register(f"{topic}-value", V2)
    decoder = EventDecoder([codec(topic)], ids)
    for value in (b"", b"\x00\x00", b"{json}"):
        with pytest.raises(WireFormatError):
            decoder.decode(topic, value)
    with pytest.raises(DecodeError):
        decoder.decode(topic, frame(schema_id, b""))
    with pytest.raises(DecodeError, match="no event is read from this topic"):
        decoder.decode("another.topic", frame(schema_id, b""))


def test_an_id_that_nobody_knows_is_asked_for_once_a_while(
    own_registry: Registry, topic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoder = EventDecoder([codec(topic)], SchemaIds(own_registry.settings))
    next_id = own_registry.register(f"{topic}-value", V2) + 1
    value = frame(next_id, written(V2, {"a": 1, "b": "x"}))
    began = time.monotonic()
    for _ in range(200):
        with pytest.raises(SchemaNotFoundError, match=f"Schema {next_id} not found"):
            decoder.decode(topic, value)
    assert time.monotonic() - began < 0.5
    own_registry.register(f"{topic}-value", {**V2, "doc": "registered late"})
    with pytest.raises(SchemaNotFoundError):
        decoder.decode(topic, value)
    monkeypatch.setattr(serde, "_UNKNOWN_S", 0.0)
    with pytest.raises(SchemaNotFoundError):
        decoder.decode(topic, frame(next_id + 1, b""))
    own_registry.register(f"{topic}-value", {**V2, "doc": "registered later"})
    assert decoder.decode(topic, frame(next_id + 1, written(V2, {"a": 1, "b": "x"}))) == Thing(a=1, b="x")


def test_one_id_under_two_topics_is_two_events(registry: Registry, topic: str, ids: SchemaIds) -> None:
    other = f"{topic}.other"
    schema_id = registry.register(f"{topic}-value", V2)
    other_codec = replace(codec(other), decoders={1: reading(V1), 2: lambda _: Thing(a=0, b="other")})
    decoder = EventDecoder([codec(topic), other_codec], ids)
    value = frame(schema_id, written(V2, {"a": 1, "b": "x"}))
    assert [decoder.decode(name, value).b for name in (topic, other)] == ["x", "other"]


def test_an_event_of_no_known_class_is_refused(topic: str, ids: SchemaIds) -> None:
    with pytest.raises(EncodeError, match="this is no event that is written here; those are Thing"):
        EventEncoder([codec(topic)], ids).encode("text")


def test_a_prepared_encoder_goes_on_while_the_registry_is_away(tmp_path: Path) -> None:
    with running(Settings(home=tmp_path)) as registry:
        registry.register("t-value", V2)
        encoder = EventEncoder([codec("t")], SchemaIds(replace(registry.settings, home=tmp_path / "one")))
        encoder.prepare()
        unprepared = EventEncoder([codec("t")], SchemaIds(replace(registry.settings, home=tmp_path / "two")))
    assert unframe(encoder.encode(Thing(a=1))[2])[0] == 1
    with pytest.raises(RegistryUnavailableError):
        unprepared.encode(Thing(a=1))
