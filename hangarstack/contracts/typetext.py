"""A type in a few words, as a table of fields shows it."""

from __future__ import annotations

from hangarstack.contracts.schema import Array, Enum, Fixed, Logical, Map, Primitive, Record, Schema


def type_text(schema: Schema) -> str:
    """Return ``null | long``, ``array<Device>``, ``timestamp-micros``, ``decimal(9, 2)`` …; names are short."""
    if isinstance(schema, Primitive):
        return _logical(schema.logical) or schema.type
    if isinstance(schema, Array):
        return f"array<{type_text(schema.items)}>"
    if isinstance(schema, Map):
        return f"map<{type_text(schema.values)}>"
    if isinstance(schema, Fixed):
        return f"{short_name(schema)}: {_logical(schema.logical) or f'{schema.size} bytes'}"
    if isinstance(schema, Record | Enum):
        return short_name(schema)
    return " | ".join(map(type_text, schema.branches))


def short_name(named: Record | Enum | Fixed) -> str:
    """Return a name without its namespace."""
    return named.name.rpartition(".")[2]


def _logical(logical: Logical | None) -> str:
    if logical is None:
        return ""
    return f"decimal({logical.precision}, {logical.scale})" if logical.name == "decimal" else logical.name
