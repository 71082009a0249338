"""Checking bytes against a writer's schema that is only known at run time.

fastavro trusts lengths and counts; this walk, which builds nothing, comes before it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from hangarstack.errors import DecodeError
from hangarstack.events.runtime.faults import FAULTS, MAX_DEPTH, too_deep, unreadable, wrong_end
from hangarstack.events.runtime.reading import (
    MAX_EMPTY_ITEMS,
    read_boolean,
    read_count,
    read_fixed,
    read_int,
    read_long,
    read_string,
)
from hangarstack.events.runtime.skipping import skip_bytes

_READERS: Final[dict[str, Callable[[bytes, int], tuple[object, int]]]] = {
    "boolean": read_boolean,
    "int": read_int,
    "long": read_long,
    "float": lambda body, pos: read_fixed(body, pos, 4),
    "double": lambda body, pos: read_fixed(body, pos, 8),
    "string": read_string,
}


def scan(schema: Any, named: Mapping[str, Any], body: bytes, place: str) -> None:
    """Check that bytes hold exactly one value of a schema.

    Args:
        schema: as ``fastavro.parse_schema`` returns it, names in full.
        named: the schema's named types by full name.
        body: Avro.
        place: name of the event, for errors.

    Raises:
        DecodeError: they do not; ``where`` is the field.
    """
    try:
        end = _Scan(named, body).value(schema, 0, 0)
    except FAULTS as fault:
        raise unreadable(fault, place) from None
    if end != len(body):
        raise wrong_end(body, end, place)


class _Scan:
    def __init__(self, named: Mapping[str, Any], body: bytes) -> None:
        self._named = named
        self._body = body
        self._empty_items = 0

    def value(self, schema: Any, pos: int, depth: int) -> int:
        """Return the position after a value."""
        if isinstance(schema, list):
            index, pos = read_int(self._body, pos)
            _check_index(index, len(schema), "branch")
            return self.value(schema[index], pos, depth)
        kind = schema["type"] if isinstance(schema, dict) else schema
        if kind in {"record", "error"}:
            return self._record(schema, pos, depth + 1)
        if kind in {"array", "map"}:
            return self._blocks(schema, kind, pos, depth)
        if kind == "enum":
            index, pos = read_int(self._body, pos)
            _check_index(index, len(schema["symbols"]), "symbol")
            return pos
        if kind == "fixed":
            return read_fixed(self._body, pos, schema["size"])[1]
        return self._leaf(kind, pos, depth)

    def _leaf(self, kind: Any, pos: int, depth: int) -> int:
        if kind == "null":
            return pos
        if kind == "bytes":
            return skip_bytes(self._body, pos)
        reader = _READERS.get(kind) if isinstance(kind, str) else None
        if reader is None:
            return self.value(self._named[kind] if isinstance(kind, str) else kind, pos, depth)
        return reader(self._body, pos)[1]

    def _record(self, schema: dict[str, Any], pos: int, depth: int) -> int:
        if depth > MAX_DEPTH:
            raise DecodeError(too_deep())
        for field in schema["fields"]:
            try:
                pos = self.value(field["type"], pos, depth)
            except FAULTS as fault:
                raise unreadable(fault, field["name"]) from None
        return pos

    def _blocks(self, schema: dict[str, Any], kind: str, pos: int, depth: int) -> int:
        items = schema["items" if kind == "array" else "values"]
        while self._body[pos]:
            count, pos = read_count(self._body, pos)
            for _ in range(count):
                start = pos
                if kind == "map":
                    _, pos = read_string(self._body, pos)
                pos = self.value(items, pos, depth)
                if pos == start:
                    self._count_empty_item()
        return pos + 1

    def _count_empty_item(self) -> None:
        self._empty_items += 1
        if self._empty_items > MAX_EMPTY_ITEMS:
            raise DecodeError(f"more than {MAX_EMPTY_ITEMS} items that take no bytes")


def _check_index(index: int, count: int, what: str) -> None:
    if not 0 <= index < count:
        raise DecodeError(f"there is no {what} {index}, only {count}")
