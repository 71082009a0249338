"""A record of any schema as plain data, for people to read."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

import fastavro
from fastavro.schema import SchemaParseException, UnknownType

from hangarstack.errors import DecodeError
from hangarstack.events.runtime.faults import FAULTS
from hangarstack.events.runtime.foreign import without_logical_types
from hangarstack.events.runtime.scanning import scan


def as_data(schema_text: str, body: bytes, name: str) -> Any:
    """Return the value that bytes hold, as JSON knows it: times in ISO 8601, bytes in hexadecimal.

    Args:
        schema_text: of its writer, JSON.
        body: Avro; lengths and counts in it are not trusted.
        name: of the record, for errors.

    Raises:
        DecodeError: the text is no schema, or the bytes are no such value; ``where`` is the field.
    """
    try:
        schema = json.loads(schema_text)
        named: dict[str, Any] = {}
        bare = fastavro.parse_schema(without_logical_types(schema), named_schemas=named)
    except (SchemaParseException, UnknownType, *FAULTS):
        raise DecodeError("the writer's schema is not an Avro schema", where=name) from None
    scan(bare, named, body, name)
    for parsed in (schema, bare):
        try:
            # A time that no calendar has is shown as the number that was written.
            return _plain(fastavro.schemaless_reader(io.BytesIO(body), fastavro.parse_schema(parsed), None))
        except (SchemaParseException, UnknownType, *FAULTS):
            continue
    raise DecodeError("fastavro cannot read it", where=name)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)
