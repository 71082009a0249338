from __future__ import annotations

import io
import json
from typing import Any

import fastavro
import pytest

from benchmarks.samples import SAMPLES
from hangarstack.errors import DecodeError, ResolutionError
from hangarstack.events import AIRCRAFT_VIEW
from tests.support.generated import generated

_VIEW = SAMPLES[0]


def _with(**changes: Any) -> dict[str, Any]:
    """Return AircraftView's current schema with some attributes changed."""
    schema: dict[str, Any] = json.loads(AIRCRAFT_VIEW.schema_text)
    return schema | changes


def _fields(*more: dict[str, Any], without: str = "") -> dict[str, Any]:
    return _with(fields=[*(field for field in _with()["fields"] if field["name"] != without), *more])


def _body(schema: dict[str, Any], **more: Any) -> bytes:
    current = fastavro.parse_schema(json.loads(AIRCRAFT_VIEW.schema_text))
    record = fastavro.schemaless_reader(io.BytesIO(AIRCRAFT_VIEW.encode(_VIEW)), current, None)
    assert isinstance(record, dict)
    out = io.BytesIO()
    fastavro.schemaless_writer(out, fastavro.parse_schema(schema), record | more)
    return out.getvalue()


def test_a_field_that_we_do_not_know_is_left_out() -> None:
    schema = _fields({"name": "altitude_m", "type": "double"})
    assert AIRCRAFT_VIEW.decode_foreign(json.dumps(schema), _body(schema, altitude_m=1.5)) == _VIEW


def test_a_field_that_the_writer_does_not_have_takes_its_default() -> None:
    schema = _fields(without="experiments")
    event = AIRCRAFT_VIEW.decode_foreign(json.dumps(schema), _body(schema))
    assert event == _VIEW.replace(experiments={})


def test_a_schema_that_differs_in_words_only_is_read_by_the_generated_code() -> None:
    schema = _with(doc="other words")
    assert AIRCRAFT_VIEW.decode_foreign(json.dumps(schema, indent=3), AIRCRAFT_VIEW.encode(_VIEW)) == _VIEW


def test_defaults_get_the_types_of_the_current_class() -> None:
    reader = {
        "type": "record",
        "name": "R",
        "fields": [
            {"name": "raw", "type": "bytes", "default": "\u00ff"},
            {"name": "day", "type": {"type": "int", "logicalType": "date"}, "default": 0},
            {
                "name": "inner",
                "type": {"type": "record", "name": "I", "fields": [{"name": "n", "type": "int", "default": 3}]},
                "default": {},
            },
            {"name": "size", "type": ["null", {"type": "fixed", "name": "F", "size": 1}], "default": None},
            {"name": "tags", "type": {"type": "map", "values": "bytes"}, "default": {"a": "\u00fe"}},
        ],
    }
    writer = {"type": "record", "name": "R", "fields": []}
    with generated(writer, reader) as codec, generated(reader) as alone:
        assert repr(alone.decode_foreign(json.dumps(writer), b"")) == repr(codec.decode(1, b""))


@pytest.mark.parametrize("text", ["", "no schema", "[]", "5", '{"type": "record", "name": "R"}', '{"type": "nothing"}'])
def test_a_text_that_is_no_schema_is_refused(text: str) -> None:
    with pytest.raises(DecodeError) as caught:
        AIRCRAFT_VIEW.decode_foreign(text, AIRCRAFT_VIEW.encode(_VIEW))
    assert caught.value.where.startswith("AircraftView")


def test_a_writer_without_a_field_that_is_needed_cannot_be_resolved() -> None:
    schema = _fields(without="aircraft_id")
    with pytest.raises(ResolutionError, match="aircraft_id") as caught:
        AIRCRAFT_VIEW.decode_foreign(json.dumps(schema), _body(schema))
    assert caught.value.where == "AircraftView"


@pytest.mark.parametrize(
    ("damage", "where", "what"),
    [
        (lambda body: body[:-1], "AircraftView.altitude_m", "bytes end"),
        (lambda body: body + b"\0", "AircraftView", "1 bytes are left"),
        (lambda body: body.replace(b"boeing", b"boe\xffng"), "AircraftView.aircraft_id", "UTF-8"),
        (lambda body: body.replace(b"\x1cboeing", b"\x1bboeing"), "AircraftView.aircraft_id", "negative"),
        (lambda body: body.replace(b"\2\2\2\x80\x1e", b"\2\7\2\x80\x1e"), "AircraftView.device.kind", "no symbol"),
    ],
)
def test_bytes_are_checked_before_fastavro_sees_them(damage: Any, where: str, what: str) -> None:
    schema = _fields({"name": "altitude_m", "type": "double"})
    body = _body(schema, altitude_m=1.5)
    assert damage(body) != body
    with pytest.raises(DecodeError, match=what) as caught:
        AIRCRAFT_VIEW.decode_foreign(json.dumps(schema), damage(body))
    assert caught.value.where == where


def test_an_array_that_announces_a_trillion_nulls_costs_no_memory() -> None:
    schema = _fields({"name": "nothing", "type": {"type": "array", "items": "null"}})
    body = _body(schema, nothing=[])[:-1] + b"\x80\x80\x80\x80\x80\x80\x40\0"
    with pytest.raises(DecodeError, match="no bytes"):
        AIRCRAFT_VIEW.decode_foreign(json.dumps(schema), body)


def test_a_record_that_holds_itself_too_deeply_is_refused() -> None:
    node = {"type": "record", "name": "N", "fields": [{"name": "next", "type": ["null", "N"]}]}
    writer = node | {"fields": [*node["fields"], {"name": "more", "type": "null"}]}
    with generated(node) as codec, pytest.raises(DecodeError, match="levels deep"):
        codec.decode_foreign(json.dumps(writer), b"\2" * 5_000 + b"\0")
