from __future__ import annotations

import io
import json
import random
from collections import Counter
from typing import Any, Final

import fastavro

from hangarstack.contracts.schema import Array, Enum, Fixed, Map, Primitive, Schema, Union, parse_schema
from hangarstack.errors import DecodeError
from hangarstack.events.runtime import Codec
from tests.support.avro_java import SEED
from tests.support.generated import generated
from tests.support.random_bodies import bodies
from tests.support.random_evolutions import evolved
from tests.support.random_schemas import RandomSchemas

_SCHEMAS: Final = 300
_BODIES: Final = 4

_NOT_HELD: Final = ("within the years", "within a day", "no value")
"""What Python's types do not hold, and what has no value at all."""


class _Raw:
    """A schema as fastavro takes it without mistaking a name: no namespaces, no logical types, no defaults."""

    def __init__(self) -> None:
        self._known: set[str] = set()

    def of(self, schema: Schema) -> Any:
        """Return a schema; a named type is spelled out where it first appears."""
        if isinstance(schema, Union):
            return [self.of(branch) for branch in schema.branches]
        if isinstance(schema, Array):
            return {"type": "array", "items": self.of(schema.items)}
        if isinstance(schema, Map):
            return {"type": "map", "values": self.of(schema.values)}
        if isinstance(schema, Primitive):
            return schema.type
        name = schema.name.replace(".", "__")
        if name in self._known:
            return name
        self._known.add(name)
        if isinstance(schema, Enum):
            return {"type": "enum", "name": name, "symbols": list(schema.symbols)}
        if isinstance(schema, Fixed):
            return {"type": "fixed", "name": name, "size": schema.size}
        fields = [{"name": field.name, "type": self.of(field.type)} for field in schema.fields]
        return {"type": "record", "name": name, "fields": fields}


def _read(schema: Any, body: bytes) -> str:
    """Return what fastavro reads; as text, because NaN is not equal to itself."""
    source = io.BytesIO(body)
    value = fastavro.schemaless_reader(source, schema, None, return_record_name=True, return_named_type=True)
    assert source.read() == b""
    return repr(value)


def _written_by_random(rng: random.Random, schema: Any) -> list[bytes]:
    try:
        return bodies(rng, schema, _BODIES)
    except (RecursionError, ValueError):  # a record without an end, an empty union: nothing can be written
        return []


def _decoded(codec: Codec[Any], version: int, body: bytes) -> Any:
    try:
        return codec.decode(version, body)
    except DecodeError as error:
        return error


def _round_trips(codec: Codec[Any], schema: Any, written: list[bytes]) -> int:
    readable = 0
    for body in written:
        event = _decoded(codec, 2, body)
        if isinstance(event, DecodeError):
            assert any(words in event.what for words in _NOT_HELD)
            continue
        again = codec.encode(event)
        assert _read(schema, again) == _read(schema, body)
        assert repr(codec.decode(2, again)) == repr(event)
        assert codec.encode(codec.decode(2, again)) == again
        readable += 1
    return readable


def _resolves(codec: Codec[Any], written: list[bytes]) -> int:
    resolved = 0
    for body in written:
        event = _decoded(codec, 1, body)
        if isinstance(event, DecodeError):
            assert event.where.partition(".")[0] == "Event"
            continue
        codec.encode(event)
        resolved += 1
    return resolved


def test_code_for_random_schemas_reads_and_writes_what_fastavro_does() -> None:
    counts = Counter[str]()
    for number in range(_SCHEMAS):
        seed = SEED + number
        rng = random.Random(seed)
        made = RandomSchemas(rng)
        writer = made.record()
        reader = evolved(made, writer)
        try:
            with generated(writer, reader) as codec:
                raw = fastavro.parse_schema(_Raw().of(parse_schema(reader)))
                counts["read"] += _round_trips(codec, raw, _written_by_random(rng, reader))
                counts["resolved"] += _resolves(codec, _written_by_random(rng, writer))
        except Exception as error:
            texts = "\n".join(json.dumps(schema) for schema in (writer, reader))
            raise AssertionError(f"HANGARSTACK_TEST_SEED={SEED}, schema {number}\n{texts}") from error
    assert counts["read"] > _SCHEMAS
    assert counts["resolved"] > _SCHEMAS
