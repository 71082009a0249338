"""What can never be read, and what takes no bytes."""

from __future__ import annotations

from collections.abc import Iterator

from hangarstack.codegen.actions import Action, Container, Fields, ReaderUnion, Refuse, Skip, WriterUnion
from hangarstack.contracts.schema import Fixed, Primitive, Record, Schema, Union


def refusal(action: Action | None) -> str | None:
    """Return why no value at all can be read by an action, or ``None`` when some can."""
    return _refusal(action, set())


def _refusal(action: Action | None, seen: set[int]) -> str | None:
    if isinstance(action, Refuse):
        return action.why
    if isinstance(action, ReaderUnion):
        return _refusal(action.action, seen)
    if isinstance(action, WriterUnion):
        reasons = [_refusal(branch, seen) for branch in action.branches]
        if all(reason is not None for reason in reasons):
            return reasons[0] if reasons else "a union without branches has no value"
    elif isinstance(action, Skip) and isinstance(action.writer, Union) and not action.writer.branches:
        return "a union without branches has no value"
    elif isinstance(action, Fields) and id(action) not in seen:
        seen.add(id(action))
        return next((reason for step in action.steps if (reason := _refusal(step, seen)) is not None), None)
    return None


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
