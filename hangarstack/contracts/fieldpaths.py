"""The fields of a record and of the records within it, each by its dotted path."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, TypeAlias

from hangarstack.contracts.schema import Array, Field, Map, Primitive, Record, Schema, Union
from hangarstack.errors import SchemaTooLargeError

MOST_FIELDS: Final = 20_000
"""Fields and types of one schema, each counted at every path that leads to it: a tenth of a second."""
FIRST_PATHS_ONLY: Final = "More paths lead to its fields than can be listed: each field stands at its first one only."
"""What is said where not every path is shown."""

Located: TypeAlias = tuple[str, Field]
_Todo: TypeAlias = list[tuple[str, Field | Schema, frozenset[int]]]


def fields_by_path(record: Record, most: int = MOST_FIELDS) -> Iterator[Located]:
    """Yield every field at every path that leads to it, in the order of the schema.

    A record within itself is not looked into again. Where records nest, each with two fields of the next, a few lines
    of schema stand for millions of paths.

    Args:
        record: the outermost one.
        most: fields and types to look at.

    Raises:
        SchemaTooLargeError: there are more.
    """
    for count, (path, node) in enumerate(_nodes(record, once=False)):
        if count >= most:
            raise SchemaTooLargeError(
                f"{record.name} has more than {most} fields and types, counted at every path that leads to them",
                where="schema",
                remedy="Let fewer records hold each other in several fields",
            )
        if isinstance(node, Field):
            yield path, node


def fields_once(record: Record) -> Iterator[Located]:
    """Return every field at the first path that leads to it, in the order of the schema."""
    return ((path, node) for path, node in _nodes(record, once=True) if isinstance(node, Field))


def fields_shown(record: Record, most: int = MOST_FIELDS) -> tuple[tuple[Located, ...], bool]:
    """Return every field at every path, or at its first one only where that is too many; and whether it is so.

    Args:
        record: the outermost one.
        most: fields and types to look at.
    """
    try:
        return tuple(fields_by_path(record, most)), True
    except SchemaTooLargeError:
        return tuple(fields_once(record)), False


def records_in(schema: Schema) -> Iterator[Record]:
    """Yield the records that a value may be, or may hold as items, values or branches, in the order of the schema."""
    rest = [schema]
    while rest:
        node = rest.pop()
        if isinstance(node, Record):
            yield node
        else:
            rest.extend(reversed(_inside(node)))


def _nodes(record: Record, *, once: bool) -> Iterator[tuple[str, Field | Schema]]:
    """Yield fields and what they hold, but for primitives; each record is looked into once, or once on each path."""
    seen: set[int] = set()
    rest: _Todo = [("", record, frozenset())]
    while rest:
        path, node, outer = rest.pop()
        yield path, node
        if isinstance(node, Field):
            if not isinstance(node.type, Primitive):
                rest.append((f"{path}.", node.type, outer))
        elif not isinstance(node, Record):
            rest.extend((path, inner, outer) for inner in reversed(_inside(node)) if not isinstance(inner, Primitive))
        elif id(node) not in (seen if once else outer):
            seen.add(id(node))
            within = outer if once else outer | {id(node)}
            rest.extend((path + field.name, field, within) for field in reversed(node.fields))


def _inside(node: Schema) -> tuple[Schema, ...]:
    if isinstance(node, Array):
        return (node.items,)
    if isinstance(node, Map):
        return (node.values,)
    return node.branches if isinstance(node, Union) else ()
