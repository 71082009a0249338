"""The Python type of each schema, and how values of a union's branches are told apart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from hangarstack.codegen.leaves import Symbol, builtin, leaf_of, runtime
from hangarstack.codegen.namespace import Namespace
from hangarstack.codegen.naming import attributes, class_names, members
from hangarstack.contracts.resolution.aliases import children
from hangarstack.contracts.schema import Array, Enum, Fixed, Map, Primitive, Record, Schema, Union

MAPPING: Final = Symbol("collections.abc", "Mapping")
BRANCH: Final = runtime("branch", "Branch")

_NULL: Final = "null"
_WIDEST: Final = ("long", "double", "bytes", "string", "int", "float")
"""Of branches that share a Python type the first of these is written for a plain value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BranchPlan:
    """A branch of a union.

    Args:
        index: on the wire.
        schema: of the branch.
        tag: name under which ``Branch`` holds its values, or ``None`` when they stand for themselves.
    """

    index: int
    schema: Schema
    tag: str | None


def is_null(schema: Schema) -> bool:
    """Tell whether a schema is that of null."""
    return isinstance(schema, Primitive) and schema.type == _NULL


def plan(union: Union) -> tuple[BranchPlan, ...]:
    """Return how each branch's values are told from those of the others."""
    kinds: defaultdict[object, list[int]] = defaultdict(list)
    for index, branch in enumerate(union.branches):
        kinds[_kind(branch)].append(index)
    plain = {_plainest(union, indexes) for indexes in kinds.values()}
    return tuple(
        BranchPlan(index=index, schema=branch, tag=None if index in plain else _tag(branch))
        for index, branch in enumerate(union.branches)
    )


def _kind(schema: Schema) -> object:
    if isinstance(schema, Record | Enum):
        return schema.name
    if is_null(schema) or not isinstance(schema, Primitive | Fixed):
        return type(schema)
    return leaf_of(schema).kind


def _plainest(union: Union, indexes: list[int]) -> int | None:
    if len(indexes) == 1:
        return indexes[0]
    named: dict[str, int] = {}
    for index in indexes:
        branch = union.branches[index]
        if isinstance(branch, Primitive):
            named[branch.type] = index
    return next((named[name] for name in _WIDEST if name in named), None)


def _tag(schema: Schema) -> str:
    return schema.name if isinstance(schema, Fixed) else schema.type if isinstance(schema, Primitive) else ""


class PythonTypes:
    """The Python side of a record and all that it holds.

    Args:
        root: the event's record.
        name: of the event's class.
        package: that the module will be in.
    """

    def __init__(self, root: Record, name: str, package: str) -> None:
        self.root = root
        self.named = list(_named_types(root))
        self._attributes = {
            record.name: attributes(field.name for field in record.fields)
            for record in self.named
            if isinstance(record, Record)
        }
        hidden = {attribute for names in self._attributes.values() for attribute in names.values()}
        self.names = Namespace(hidden, {"encode", "key", "CODEC"}, package)
        self._classes = {root.name: self.names.define(name)}
        for named in self.named:
            if named is not root and not isinstance(named, Fixed):
                self._classes[named.name] = self.names.define(*class_names(named.name))
        self._members = {enum.name: members(enum.symbols) for enum in self.named if isinstance(enum, Enum)}

    def class_of(self, named: Record | Enum) -> str:
        """Return the name of the class of a record or an enum."""
        return self._classes[named.name]

    def attribute(self, record: Record, field: str) -> str:
        """Return the attribute of a field."""
        return self._attributes[record.name][field]

    def member(self, enum: Enum, symbol: str) -> str:
        """Return the member of a symbol, with its class."""
        return f"{self.class_of(enum)}.{self._members[enum.name][symbol]}"

    def members_of(self, enum: Enum) -> dict[str, str]:
        """Return the member's name of each symbol."""
        return self._members[enum.name]

    def annotation(self, schema: Schema) -> str:
        """Return the Python type of a schema, as it is written in an annotation."""
        if isinstance(schema, Record | Enum):
            return self.class_of(schema)
        if isinstance(schema, Array):
            return f"{self.names.use(builtin('tuple'))}[{self.annotation(schema.items)}, ...]"
        if isinstance(schema, Map):
            return f"{self.names.use(MAPPING)}[{self.names.use(builtin('str'))}, {self.annotation(schema.values)}]"
        if isinstance(schema, Union):
            return " | ".join(dict.fromkeys(self._alternatives(schema))) or self.names.use(builtin("object"))
        return "None" if is_null(schema) else self.names.use(leaf_of(schema).type)

    def _alternatives(self, union: Union) -> Iterator[str]:
        for branch in sorted(plan(union), key=lambda branch: branch.tag is not None):
            if not is_null(branch.schema):
                inner = self.annotation(branch.schema)
                yield inner if branch.tag is None else f"{self.names.use(BRANCH)}[{inner}]"
        if any(is_null(branch) for branch in union.branches):
            yield "None"


def _named_types(root: Record) -> Iterator[Record | Enum | Fixed]:
    """Yield each named type once, those within a record before it; one may be defined twice, in the same words."""
    seen: set[str] = set()

    def visit(schema: Schema) -> Iterator[Record | Enum | Fixed]:
        if isinstance(schema, Record | Enum | Fixed):
            if schema.name in seen:
                return
            seen.add(schema.name)
        inner = [field.type for field in schema.fields] if isinstance(schema, Record) else children(schema)
        for child in inner:
            yield from visit(child)
        if isinstance(schema, Record | Enum | Fixed):
            yield schema

    return visit(root)
