"""Which fields of a record hold personal data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from hangarstack.contracts.schema import Array, Field, Map, Primitive, Record, Schema, Union

TAGS: Final = "confluent:tags"
PII: Final = "PII"


def pii_fields(record: Record) -> tuple[str, ...]:
    """Return the dotted paths of fields tagged ``PII``; a record within itself is looked at once."""
    return tuple(path for path, field in fields(record) if is_pii(field))


def is_pii(field: Field) -> bool:
    """Tell whether a field is tagged as personal data."""
    tags = field.props.get(TAGS)
    return isinstance(tags, list) and PII in tags


def fields(record: Record) -> Iterator[tuple[str, Field]]:
    """Yield every field with its dotted path, those of nested records too, in the order of the schema."""
    seen: set[int] = set()
    rest: list[tuple[str, Field | Schema]] = [("", record)]
    while rest:
        path, node = rest.pop()
        if isinstance(node, Field):
            yield path, node
            if not isinstance(node.type, Primitive):
                rest.append((f"{path}.", node.type))
        elif isinstance(node, Record):
            if id(node) not in seen:
                seen.add(id(node))
                rest.extend((path + field.name, field) for field in reversed(node.fields))
        else:
            rest.extend((path, inner) for inner in reversed(_inside(node)) if not isinstance(inner, Primitive))


def _inside(node: Schema) -> tuple[Schema, ...]:
    if isinstance(node, Array):
        return (node.items,)
    if isinstance(node, Map):
        return (node.values,)
    return node.branches if isinstance(node, Union) else ()
