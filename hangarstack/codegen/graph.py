"""Which records hold themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from hangarstack.contracts.resolution.aliases import children
from hangarstack.contracts.schema import Record, Schema

N = TypeVar("N")


def inner_records(schema: Schema) -> Iterator[Record]:
    """Yield the records in a schema, not looking into records."""
    if isinstance(schema, Record):
        yield schema
        return
    for child in children(schema):
        yield from inner_records(child)


def records_within(record: Record) -> Iterator[Record]:
    """Yield the records that a record's fields hold."""
    for field in record.fields:
        yield from inner_records(field.type)


def leads_to_itself(node: N, successors: Callable[[N], Iterable[N]]) -> bool:
    """Tell whether a node can be reached from itself; nodes compare by identity."""
    seen: set[int] = set()
    todo = list(successors(node))
    while todo:
        other = todo.pop()
        if other is node:
            return True
        if id(other) not in seen:
            seen.add(id(other))
            todo.extend(successors(other))
    return False
