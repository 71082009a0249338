"""Encoding and decoding, beside Confluent's serializers and fastavro.

The peers get every advantage: they take and return plain dicts, their schemas are cached, and no registry is asked.
Ours makes and takes the typed class. Everyone writes and reads Confluent's wire format.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import click
import fastavro
from confluent_kafka.schema_registry import Schema, SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.serialization import MessageField, SerializationContext
from rich.console import Console
from rich.table import Table

from benchmarks.samples import SAMPLES
from benchmarks.timing import best_micros
from hangarstack.events import CODECS
from hangarstack.events.runtime import Codec, frame, unframe

_OURS, _CONFLUENT, _FASTAVRO = "HangarStack", "confluent_kafka", "fastavro"


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One operation on one event: microseconds a call, and how many times as fast ours is."""

    event: str
    operation: str
    bytes: int
    hangarstack_us: float
    confluent_us: float
    fastavro_us: float
    confluent_ratio: float
    fastavro_ratio: float


def compare(*, rounds: int, calls: int) -> list[Comparison]:
    """Measure every event.

    Args:
        rounds: turns of each peer; the best counts.
        calls: in one turn.
    """
    codecs = {codec.event_type: codec for codec in CODECS}
    found = []
    for event in SAMPLES:
        found += _compare(codecs[type(event)], event, rounds, calls)
    return found


def _compare(codec: Codec[Any], event: Any, rounds: int, calls: int) -> list[Comparison]:
    client = SchemaRegistryClient.new_client({"url": "mock://benchmark"})
    schema_id = client.register_schema(codec.subject, Schema(codec.schema_text, "AVRO"))
    context = SerializationContext(codec.topic, MessageField.VALUE)
    serialize = AvroSerializer(client, codec.schema_text, conf={"auto.register.schemas": False})
    deserialize = AvroDeserializer(client)
    parsed = fastavro.parse_schema(json.loads(codec.schema_text))
    value = frame(schema_id, codec.encode(event))
    plain = fastavro.schemaless_reader(io.BytesIO(value[5:]), parsed, None)
    decoders = {schema_id: codec.decoders[codec.version]}

    def encode() -> bytes:
        return frame(schema_id, codec.encode(event))

    def decode() -> Any:
        number, body = unframe(value)
        return decoders[number](body)

    def fastavro_encode() -> bytes:
        out = io.BytesIO(value[:5])
        out.seek(5)
        fastavro.schemaless_writer(out, parsed, plain)
        return out.getvalue()

    encoders: dict[str, Callable[[], object]] = {
        _OURS: encode,
        _CONFLUENT: lambda: serialize(plain, context),
        _FASTAVRO: fastavro_encode,
    }
    readers: dict[str, Callable[[], object]] = {
        _OURS: decode,
        _CONFLUENT: lambda: deserialize(value, context),
        _FASTAVRO: lambda: fastavro.schemaless_reader(io.BytesIO(value[5:]), parsed, None),
    }
    assert all(job() == value for job in encoders.values()), "the peers do not write the same bytes"
    assert decode() == event
    assert readers[_CONFLUENT]() == plain
    return [
        _comparison(codec, operation, len(value), best_micros(jobs, rounds=rounds, calls=calls))
        for operation, jobs in (("encode", encoders), ("decode", readers))
    ]


def _comparison(codec: Codec[Any], operation: str, size: int, micros: dict[str, float]) -> Comparison:
    return Comparison(
        event=codec.name,
        operation=operation,
        bytes=size,
        hangarstack_us=round(micros[_OURS], 2),
        confluent_us=round(micros[_CONFLUENT], 2),
        fastavro_us=round(micros[_FASTAVRO], 2),
        confluent_ratio=round(micros[_CONFLUENT] / micros[_OURS], 2),
        fastavro_ratio=round(micros[_FASTAVRO] / micros[_OURS], 2),
    )


def _table(found: list[Comparison]) -> Table:
    table = Table(title="Microseconds a call, best of the rounds; in brackets how many times as fast ours is")
    table.add_column("event")
    table.add_column("operation")
    for heading in ("bytes", _OURS, "AvroSerializer / AvroDeserializer", _FASTAVRO):
        table.add_column(heading, justify="right")
    for each in found:
        table.add_row(
            each.event,
            each.operation,
            str(each.bytes),
            f"{each.hangarstack_us:.2f}",
            f"{each.confluent_us:.2f} ({each.confluent_ratio:.1f}x)",
            f"{each.fastavro_us:.2f} ({each.fastavro_ratio:.1f}x)",
        )
    return table


@click.command("codec")
@click.option("--rounds", default=40, show_default=True, type=click.IntRange(1), help="Turns of each peer.")
@click.option("--calls", default=1000, show_default=True, type=click.IntRange(1), help="Calls in one turn.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def command(rounds: int, calls: int, as_json: bool) -> None:
    """Compare encoding and decoding with Confluent's serializers and fastavro."""
    found = compare(rounds=rounds, calls=calls)
    if as_json:
        click.echo(json.dumps([asdict(each) for each in found], indent=2))
        return
    Console(width=120).print(_table(found))
