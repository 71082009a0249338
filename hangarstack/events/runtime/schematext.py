"""What of a writer's schema decides how its bytes are read."""

from __future__ import annotations

import functools
import json
from typing import Any, Final

from hangarstack.errors import DecodeError

_CACHED: Final = 128
"""Schemas that are remembered; a process meets few, and asks for each of them again and again."""

_PRIMITIVES: Final = frozenset({"null", "boolean", "int", "long", "float", "double", "bytes", "string"})


@functools.lru_cache(maxsize=_CACHED)
def resolution_key(schema_text: str) -> str:
    """Return the same text for all schemas whose bytes mean the same.

    It is Avro's parsing canonical form: names in full, types, order of fields, symbols and sizes. Documentation,
    aliases, defaults, logical types, other attributes, white space and the order of keys do not count.

    Raises:
        DecodeError: the text is no schema.
    """
    try:
        return json.dumps(_canonical(json.loads(schema_text), "", set()), separators=(",", ":"), ensure_ascii=False)
    except (AttributeError, KeyError, RecursionError, TypeError, ValueError):
        raise DecodeError("the writer's schema is not an Avro schema") from None


def _canonical(schema: Any, space: str, defined: set[str]) -> Any:
    if isinstance(schema, str):
        return _reference(schema, space, defined)
    if isinstance(schema, list):
        return [_canonical(branch, space, defined) for branch in schema]
    kind = schema["type"]
    if isinstance(kind, dict | list):
        return _canonical(kind, space, defined)
    if kind == "array":
        return {"type": kind, "items": _canonical(schema["items"], space, defined)}
    if kind == "map":
        return {"type": kind, "values": _canonical(schema["values"], space, defined)}
    if kind not in {"record", "error", "enum", "fixed"}:
        return _reference(kind, space, defined)
    return _named(schema, "record" if kind == "error" else kind, space, defined)


def _reference(name: str, space: str, defined: set[str]) -> str:
    if name in _PRIMITIVES or "." in name or not space or f"{space}.{name}" not in defined:
        return name
    return f"{space}.{name}"


def _named(schema: dict[str, Any], kind: str, space: str, defined: set[str]) -> dict[str, Any]:
    name: str = schema["name"]
    if "." not in name:
        inside = schema.get("namespace", space)
        name = f"{inside}.{name}" if inside else name
    inside = name.rpartition(".")[0]
    defined.add(name)
    form: dict[str, Any] = {"name": name, "type": kind}
    if kind == "record":
        form["fields"] = [
            {"name": field["name"], "type": _canonical(field["type"], inside, defined)} for field in schema["fields"]
        ]
    elif kind == "enum":
        form["symbols"] = list(schema["symbols"])
    else:
        form["size"] = int(schema["size"])
    return form
