"""Which records an action reads, and what takes no bytes."""

from __future__ import annotations

from collections.abc import Iterator

from hangarstack.contracts.resolution.actions import Action, Container, Fields, ReaderUnion, WriterUnion
from hangarstack.contracts.schema import Fixed, Primitive, Record, Schema


def inner_fields(action: Action | None) -> Iterator[Fields]:
    """Yield the records in what an action reads, not looking into records."""
    if isinstance(action, Fields):
        yield action
    elif isinstance(action, Container):
        yield from inner_fields(action.element)
    elif isinstance(action, ReaderUnion):
        yield from inner_fields(action.action)
    elif isinstance(action, WriterUnion):
        for branch in action.branches:
            yield from inner_fields(branch)


def fields_within(action: Fields) -> Iterator[Fields]:
    """Yield the records that a record's fields hold."""
    for step in action.steps:
        yield from inner_fields(step)


def takes_no_bytes(schema: Schema) -> bool:
    """Tell whether all values of a schema are written in no bytes at all."""
    return _takes_no_bytes(schema, set())


def _takes_no_bytes(schema: Schema, seen: set[int]) -> bool:
    if isinstance(schema, Primitive):
        return schema.type == "null"
    if isinstance(schema, Fixed):
        return schema.size == 0
    if isinstance(schema, Record) and id(schema) not in seen:
        seen.add(id(schema))
        return all(_takes_no_bytes(field.type, seen) for field in schema.fields)
    return False
