from __future__ import annotations

import contextlib
import io
import json
import uuid
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import fastavro
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hangarstack.errors import DecodeError
from hangarstack.events.runtime.plain import as_data

MICROS = {"type": "long", "logicalType": "timestamp-micros"}


def written(schema: Any, value: Any) -> bytes:
    out = io.BytesIO()
    fastavro.schemaless_writer(out, schema, value)
    return out.getvalue()


@pytest.mark.parametrize(
    ("schema", "value", "shown"),
    [
        (MICROS, datetime(2026, 11, 22, 10, 30, tzinfo=UTC), "2026-11-22T10:30:00+00:00"),
        ({"type": "int", "logicalType": "date"}, date(2026, 11, 22), "2026-11-22"),
        ({"type": "string", "logicalType": "uuid"}, uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        ({"type": "bytes", "logicalType": "decimal", "precision": 4, "scale": 2}, Decimal("1.25"), "1.25"),
        ("bytes", b"\x00\xff", "00ff"),
        ("double", float("nan"), "nan"),
        (["null", {"type": "map", "values": {"type": "array", "items": "int"}}], {"a": [1, 2]}, {"a": [1, 2]}),
        ({"type": "enum", "name": "E", "symbols": ["A"]}, "A", "A"),
    ],
)
def test_values_are_shown_as_people_write_them(schema: Any, value: Any, shown: Any) -> None:
    assert as_data(json.dumps(schema), written(schema, value), "thing") == shown


def test_a_time_that_no_calendar_has_is_shown_as_its_number() -> None:
    assert as_data(json.dumps(MICROS), written("long", 2**62), "thing") == 2**62


@given(st.binary(max_size=60))
def test_whatever_bytes_there_are_they_are_decoded_or_refused(body: bytes) -> None:
    schema = {
        "type": "record",
        "name": "R",
        "fields": [
            {"name": "at", "type": MICROS},
            {"name": "next", "type": ["null", "R"]},
            {"name": "many", "type": {"type": "array", "items": "null"}},
        ],
    }
    with contextlib.suppress(DecodeError):
        json.dumps(as_data(json.dumps(schema), body, "thing"), allow_nan=False)


@pytest.mark.parametrize("text", ["", "{", '"no such type"', '{"type":"record"}'])
def test_what_is_no_schema_is_refused(text: str) -> None:
    with pytest.raises(DecodeError):
        as_data(text, b"", "thing")
