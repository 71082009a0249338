"""Records that a writer can write, made so that a few of them try every branch, symbol and extreme.

A value of a union is a pair of the branch's name and the value, as fastavro takes it.
"""

from __future__ import annotations

import bisect
import itertools
from collections.abc import Iterator, Sequence
from typing import Any, Final

from hangarstack.contracts.runtime_verdict.extent import weight
from hangarstack.contracts.runtime_verdict.leaves import leaf_count, leaf_values
from hangarstack.contracts.schema import Array, Enum, Fixed, Map, Primitive, Record, Schema, Union

MAP_KEY: Final = "key"
_ENDLESS: Final = 10**9
_MOST_NODES: Final = 20_000
"""Parts of one record; of a fixed every 50 bytes are one, so at most a million bytes are tried."""


class TooLargeError(Exception):
    """The smallest record of the schema is too large to be tried."""


class Records:
    """Makes records of a schema.

    Args:
        schema: the writer's; nested at most a few hundred levels.
    """

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._heights = _heights(schema)
        self._counts: dict[int, int] = {}
        self._orders: dict[int, tuple[list[Schema], list[int]]] = {}
        self._left = 0
        self.made = 0
        """Parts of all records so far, weighed as those of one are."""

    @property
    def possible(self) -> bool:
        """Whether there is a record at all: one that always holds itself never ends."""
        return self.has_value(self._schema)

    def __len__(self) -> int:
        """Return how many records try everything."""
        return self._count(self._schema)

    def make(self, number: int) -> Any:
        """Return one record; 0 is the smallest, and larger numbers than ``len()`` begin anew.

        Raises:
            TooLargeError: see there.
        """
        self._left = _MOST_NODES
        return self._make(self._schema, number, ())

    def leaves(self, schema: Primitive | Enum | Fixed) -> Sequence[Any]:
        """Return the values of a part without parts, by their numbers.

        Raises:
            TooLargeError: see there.
        """
        self._left = _MOST_NODES
        self._spend(1 + weight(schema))
        return leaf_values(schema)

    def has_value(self, schema: Schema) -> bool:
        """Tell whether a part of the writer's schema has any value that ends."""
        return self._height(schema) < _ENDLESS

    def along(self, path: tuple[str | int, ...], number: int) -> Any:
        """Return a record that has a part there, and is the smallest elsewhere.

        Args:
            path: as ``parts`` gives it.
            number: of the part's value, as in ``make``.

        Raises:
            TooLargeError: see there.
        """
        self._left = _MOST_NODES
        return self._along(self._schema, path, number)

    def alone(self, record: Any, path: tuple[str | int, ...]) -> Any:
        """Return the smallest record that holds one part of another.

        Args:
            record: made by this object.
            path: as ``parts`` gives it.
        """
        self._left = _MOST_NODES
        return self._alone(self._schema, record, path)

    def _make(self, schema: Schema, number: int, open_: tuple[int, ...]) -> Any:
        self._spend(1 + weight(schema))
        if isinstance(schema, Primitive | Enum | Fixed):
            values = leaf_values(schema)
            return values[number % len(values)]
        if isinstance(schema, Union):
            return self._branch(schema, number, open_)
        if isinstance(schema, Array | Map):
            inner = schema.items if isinstance(schema, Array) else schema.values
            empty = number == 0 or self._height(inner) >= _ENDLESS or id(schema) in open_
            values = [] if empty else [self._make(inner, number - 1, (*open_, id(schema)))]
            return values if isinstance(schema, Array) else dict.fromkeys([MAP_KEY] * len(values), *values)
        if open_.count(id(schema)) > 1:
            number = 0
        open_ = (*open_, id(schema))
        return {field.name: self._make(field.type, number, open_) for field in schema.fields}

    def _branch(self, union: Union, number: int, open_: tuple[int, ...]) -> Any:
        ordered, ends = self._ordered(union)
        if number == 0 or len(open_) > 2 * len(set(open_)):
            return branch_name(ordered[0]), self._make(ordered[0], 0, open_)
        number %= ends[-1]
        index = bisect.bisect_right(ends, number)
        before = ends[index - 1] if index else 0
        return branch_name(ordered[index]), self._make(ordered[index], number - before, open_)

    def _ordered(self, union: Union) -> tuple[list[Schema], list[int]]:
        """Return the branches that have values, the smallest first, and how many values there are up to each.

        All are counted from the whole schema on, and each union once: a branch that leads back to a record around it
        has one value wherever it is asked, or its share would grow afterwards and crowd out what stands behind it.
        """
        self._count(self._schema)
        return self._orders[id(union)]

    def _order(self, union: Union) -> int:
        usable = [branch for branch in union.branches if self._height(branch) < _ENDLESS]
        lowest = min(usable, key=self._height, default=None)
        ordered = [branch for branch in usable if branch is lowest] + [each for each in usable if each is not lowest]
        ends = list(itertools.accumulate(self._count(branch) for branch in ordered))
        self._orders[id(union)] = ordered, ends
        return ends[-1] if ends else 0

    def _along(self, schema: Schema, path: tuple[str | int, ...], number: int) -> Any:
        self._spend(1)
        if not path:
            return self._make(schema, number, ())
        step, rest = path[0], path[1:]
        if isinstance(schema, Union):
            branch = next(each for each in schema.branches if branch_name(each) == step)
            return step, self._along(branch, rest, number)
        if isinstance(schema, Array):
            return [self._along(schema.items, rest, number)]
        if isinstance(schema, Map):
            return {step: self._along(schema.values, rest, number)}
        fields = schema.fields if isinstance(schema, Record) else ()
        return {
            field.name: self._along(field.type, rest, number) if field.name == step else self._make(field.type, 0, ())
            for field in fields
        }

    def _alone(self, schema: Schema, value: Any, path: tuple[str | int, ...]) -> Any:
        if not path:
            return value
        step, rest = path[0], path[1:]
        if isinstance(schema, Union):
            name, inner = value
            branch = next(each for each in schema.branches if branch_name(each) == name)
            return name, self._alone(branch, inner, rest)
        if isinstance(schema, Array):
            return [self._alone(schema.items, item, rest) for item in value]
        if isinstance(schema, Map):
            return {key: self._alone(schema.values, item, rest) for key, item in value.items()}
        if not isinstance(schema, Record):
            return value
        return {
            field.name: self._alone(field.type, value[field.name], rest)
            if field.name == step
            else self._make(field.type, 0, (id(schema),))
            for field in schema.fields
        }

    def _count(self, schema: Schema) -> int:
        if isinstance(schema, Primitive | Enum | Fixed):
            return leaf_count(schema)
        known = self._counts.get(id(schema))
        if known is not None:
            return known
        self._counts[id(schema)] = 1  # of a record within itself
        if isinstance(schema, Union):
            count = self._order(schema)
        elif isinstance(schema, Array | Map):
            count = 1 + self._count(schema.items if isinstance(schema, Array) else schema.values)
        else:
            count = max((self._count(field.type) for field in schema.fields), default=1)
        self._counts[id(schema)] = count
        return count

    def _height(self, schema: Schema) -> int:
        return _height(schema, self._heights)

    def _spend(self, nodes: int) -> None:
        self._left -= nodes
        self.made += nodes
        if self._left < 0:
            raise TooLargeError


def branch_name(schema: Schema) -> str:
    """Return the name by which a union's branch is chosen."""
    if isinstance(schema, Primitive):
        return schema.type
    return schema.name if isinstance(schema, Record | Enum | Fixed) else type(schema).__name__.lower()


def parts(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield the path of every part without parts: names of fields and branches, keys and indexes."""
    if isinstance(value, tuple):
        yield from parts(value[1], (*path, value[0]))
    elif isinstance(value, list | dict):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from parts(inner, (*path, key))
    else:
        yield path


def part(value: Any, path: tuple[str | int, ...]) -> Any:
    """Return the part of a value that a path of ``parts`` leads to."""
    for step in path:
        value = value[1] if isinstance(value, tuple) else value[step]
    return value


def _heights(schema: Schema) -> dict[int, int]:
    """Return for each record how deep its smallest value is; too deep when it never ends."""
    records = {id(record): record for record in _records(schema)}
    heights = dict.fromkeys(records, _ENDLESS)
    changed = True
    while changed:
        changed = False
        for key, record in records.items():
            height = 1 + max((_height(field.type, heights) for field in record.fields), default=0)
            if height < heights[key]:
                heights[key] = height
                changed = True
    return heights


def _height(schema: Schema, heights: dict[int, int]) -> int:
    if isinstance(schema, Record):
        return heights[id(schema)]
    if isinstance(schema, Union):
        return min((_height(branch, heights) for branch in schema.branches), default=_ENDLESS)
    return _ENDLESS if isinstance(schema, Enum) and not schema.symbols else 0


def _records(schema: Schema) -> Iterator[Record]:
    seen: set[int] = set()
    todo = [schema]
    while todo:
        node = todo.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, Record):
            yield node
            todo.extend(field.type for field in node.fields)
        elif isinstance(node, Array):
            todo.append(node.items)
        elif isinstance(node, Map):
            todo.append(node.values)
        elif isinstance(node, Union):
            todo.extend(node.branches)
