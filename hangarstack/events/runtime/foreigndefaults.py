"""Defaults as fastavro must be given them: it hands them out as they stand in the schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

_TEXTUAL: Final = frozenset({"string", "bytes", "fixed", "enum"})
_NUMERIC: Final = frozenset({"int", "long", "float", "double"})


def with_python_defaults(schema: Any, named: Mapping[str, Any]) -> Any:
    """Replace each default in a parsed schema by the value that it stands for, and return the schema.

    A default of bytes or fixed becomes bytes, and that of a record gets the defaults of the fields that it leaves
    out.

    Args:
        schema: as ``fastavro.parse_schema`` returns it; changed in place.
        named: its named types by full name.
    """
    records = [each for each in named.values() if each["type"] in {"record", "error"}]
    values = {
        (each["name"], field["name"]): _value(field["type"], field["default"], named)
        for each in records
        for field in each["fields"]
        if "default" in field
    }
    for record in _records(schema):
        for field in record["fields"]:
            if "default" in field:
                field["default"] = values[record["name"], field["name"]]
    for record in records:
        for field in record["fields"]:
            if "default" in field:
                field["default"] = values[record["name"], field["name"]]
    return schema


def _records(schema: Any) -> list[dict[str, Any]]:
    if isinstance(schema, list):
        return [record for branch in schema for record in _records(branch)]
    if not isinstance(schema, dict):
        return []
    kind = schema["type"]
    if kind in {"record", "error"}:
        return [schema, *(record for field in schema["fields"] for record in _records(field["type"]))]
    if kind in {"array", "map"}:
        return _records(schema["items" if kind == "array" else "values"])
    return _records(kind) if isinstance(kind, dict | list) else []


def _value(schema: Any, default: Any, named: Mapping[str, Any]) -> Any:
    if isinstance(schema, list):
        branch = next((each for each in schema if _could_hold(_kind(each, named), default)), None)
        return default if branch is None else _value(branch, default, named)
    if isinstance(schema, str) and schema in named:
        schema = named[schema]
    kind = _kind(schema, named)
    if kind in {"bytes", "fixed"} and isinstance(default, str):
        return default.encode("latin-1", "replace")
    if kind in {"record", "error"} and isinstance(default, dict):
        return {
            field["name"]: _value(field["type"], default.get(field["name"], field.get("default")), named)
            for field in schema["fields"]
        }
    if kind == "array" and isinstance(default, list):
        return [_value(schema["items"], item, named) for item in default]
    if kind == "map" and isinstance(default, dict):
        return {key: _value(schema["values"], item, named) for key, item in default.items()}
    return default


def _kind(schema: Any, named: Mapping[str, Any]) -> str:
    if isinstance(schema, str):
        return _kind(named[schema], named) if schema in named else schema
    kind = schema["type"]
    return kind if isinstance(kind, str) and kind not in named else _kind(kind, named)


def _could_hold(kind: str, default: Any) -> bool:
    if kind in _TEXTUAL:
        return isinstance(default, str)
    if kind in _NUMERIC:
        return isinstance(default, int | float) and not isinstance(default, bool)
    if kind == "boolean":
        return isinstance(default, bool)
    if kind == "null":
        return default is None
    return isinstance(default, list if kind == "array" else dict)
