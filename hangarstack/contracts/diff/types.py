"""The named types of a schema, each with the path of the field that first holds it."""

from __future__ import annotations

from collections import deque

from hangarstack.contracts.schema import Array, Enum, Fixed, Map, Record, Schema, Union


def named_types(root: Record) -> dict[str, tuple[str, Record | Enum | Fixed]]:
    """Return every named type by its full name, outer ones first; the path of the root is empty."""
    found: dict[str, tuple[str, Record | Enum | Fixed]] = {}
    rest: deque[tuple[str, Schema]] = deque([("", root)])
    while rest:
        path, schema = rest.popleft()
        if isinstance(schema, Array):
            rest.append((path, schema.items))
        elif isinstance(schema, Map):
            rest.append((path, schema.values))
        elif isinstance(schema, Union):
            rest.extend((path, branch) for branch in schema.branches)
        elif isinstance(schema, Record | Enum | Fixed) and schema.name not in found:
            found[schema.name] = path, schema
            if isinstance(schema, Record):
                rest.extend((place(path, field.name), field.type) for field in schema.fields)
    return found


def place(path: str, name: str) -> str:
    """Return the dotted path of a field within a path."""
    return f"{path}.{name}" if path else name
