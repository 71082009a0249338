from __future__ import annotations

import io
import json
from typing import Any

import fastavro
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hangarstack.contracts.tree import load_tree
from hangarstack.errors import DecodeError
from hangarstack.events import CODECS
from hangarstack.events.runtime import Codec
from hangarstack.settings import Settings
from tests.unit.events.strategies import EVENTS

_CODECS: dict[type, Codec[Any]] = {codec.event_type: codec for codec in CODECS}
_SCHEMAS = {codec.name: fastavro.parse_schema(json.loads(codec.schema_text)) for codec in CODECS}


def _decoded(codec: Codec[Any], body: bytes) -> Any:
    try:
        return codec.decode(codec.version, body)
    except DecodeError as error:
        return error


def _plain(value: Any) -> Any:
    """Return an event as fastavro takes and gives it."""
    if hasattr(value, "__dataclass_fields__"):
        return {name: _plain(getattr(value, name)) for name in value.__slots__}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return dict(value) if isinstance(value, dict) else value


@given(EVENTS)
@settings(max_examples=300)
def test_our_bytes_are_those_of_fastavro_and_each_reads_the_other(event: Any) -> None:
    codec, out = _CODECS[type(event)], io.BytesIO()
    fastavro.schemaless_writer(out, _SCHEMAS[codec.name], _plain(event))
    body = codec.encode(event)
    assert body == out.getvalue()
    assert codec.decode(codec.version, out.getvalue()) == event
    assert fastavro.schemaless_reader(io.BytesIO(body), _SCHEMAS[codec.name], None) == _plain(event)


@given(EVENTS, st.data())
@settings(max_examples=300)
def test_bytes_that_were_damaged_are_decoded_or_refused_with_the_events_name(event: Any, data: st.DataObject) -> None:
    codec = _CODECS[type(event)]
    body = bytearray(codec.encode(event))
    where = data.draw(st.integers(0, len(body) - 1))
    body[where : where + data.draw(st.integers(0, 2))] = data.draw(st.binary(max_size=3))
    outcome = _decoded(codec, bytes(body))
    if isinstance(outcome, DecodeError):
        assert outcome.where.partition(".")[0] == codec.name
    else:
        codec.encode(outcome)


@given(EVENTS)
@settings(max_examples=15)
def test_an_event_is_refused_wherever_its_bytes_are_cut_off(event: Any) -> None:
    codec = _CODECS[type(event)]
    body = codec.encode(event)
    for length in range(len(body)):
        with pytest.raises(DecodeError):
            codec.decode(codec.version, body[:length])


def test_the_examples_of_every_version_become_the_current_class() -> None:
    for contract in load_tree(Settings().root).contracts:
        codec = next(codec for codec in CODECS if codec.name == contract.name)
        for version in contract.versions:
            schema = fastavro.parse_schema(dict(version.json))
            for example in version.examples:
                text = io.StringIO(json.dumps(example.record))
                [record] = fastavro.json_reader(text, schema)
                out = io.BytesIO()
                fastavro.schemaless_writer(out, schema, record)
                event = codec.decode(version.number, out.getvalue())
                assert type(event) is codec.event_type
                assert codec.decode(codec.version, codec.encode(event)) == event
