"""Reading what a writer of an unknown version wrote: fastavro resolves it to the current schema.

The result is written out again under the current schema, so that the generated code makes the class and its types.
Logical types are left out on the way: they change no bytes.
"""

from __future__ import annotations

import functools
import io
import json
from collections.abc import Mapping
from typing import Any, Final

import fastavro
from fastavro.read import SchemaResolutionError
from fastavro.schema import SchemaParseException, UnknownType

from hangarstack.errors import DecodeError, ResolutionError
from hangarstack.events.runtime.foreigndefaults import with_python_defaults
from hangarstack.events.runtime.scanning import scan

_CACHED: Final = 64
"""Parsed schemas that are kept; a topic has few writers at a time."""

_FAULTS: Final = (
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)

_Parsed = tuple[Any, Mapping[str, Any]]


def as_written_by(reader_text: str, writer_text: str, body: bytes, name: str) -> bytes:
    """Return what a writer with the reader's schema would have written.

    Args:
        reader_text: the current schema, JSON.
        writer_text: the writer's schema, JSON.
        body: Avro, written with the writer's schema.
        name: of the event, for errors.

    Raises:
        DecodeError: the text is no schema, or the bytes are no such record.
        ResolutionError: the schemas, or this record, cannot be resolved.
    """
    reader, _ = _parsed_reader(reader_text, name)
    writer, named = _parsed(writer_text, name)
    scan(writer, named, body, name)
    try:
        value = fastavro.schemaless_reader(
            io.BytesIO(body), writer, reader, return_record_name=True, return_named_type=True
        )
        out = io.BytesIO()
        fastavro.schemaless_writer(out, reader, value)
    except SchemaResolutionError as error:
        raise ResolutionError(f"fastavro cannot resolve it: {error}", where=name) from None
    except _FAULTS:
        raise ResolutionError("fastavro cannot resolve it to the current schema", where=name) from None
    return out.getvalue()


@functools.lru_cache(maxsize=_CACHED)
def _parsed(text: str, name: str) -> _Parsed:
    named: dict[str, Any] = {}
    try:
        parsed = fastavro.parse_schema(without_logical_types(json.loads(text)), named_schemas=named)
    except (SchemaParseException, UnknownType, *_FAULTS):
        raise DecodeError("the writer's schema is not an Avro schema", where=name) from None
    return parsed, named


@functools.lru_cache(maxsize=_CACHED)
def _parsed_reader(text: str, name: str) -> _Parsed:
    parsed, named = _parsed(text, name)
    return with_python_defaults(parsed, named), named


def without_logical_types(schema: Any) -> Any:
    """Return a schema, as JSON, without its logical types, which change no bytes."""
    if isinstance(schema, list):
        return [without_logical_types(branch) for branch in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {key: value for key, value in schema.items() if key != "logicalType"}
    for key in ("type", "items", "values"):
        if key in kept:
            kept[key] = without_logical_types(kept[key])
    if isinstance(kept.get("fields"), list):
        kept["fields"] = [without_logical_types(field) for field in kept["fields"]]
    return kept
