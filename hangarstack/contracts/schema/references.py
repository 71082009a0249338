"""The second reading: references are replaced by the types they stand for, in the order of Avro Java.

Every record, array, map and union is made anew; a record is known to its own fields before it has them, so that
recursive types become cycles.
"""

from __future__ import annotations

from hangarstack.contracts.schema.defaults import Defaults, UnfinishedRecordError
from hangarstack.contracts.schema.definitions import Definitions
from hangarstack.contracts.schema.model import (
    MISSING,
    Array,
    Enum,
    Field,
    Fixed,
    Map,
    Primitive,
    Record,
    Schema,
    Union,
)
from hangarstack.contracts.schema.reference import Reference
from hangarstack.contracts.schema.trampoline import Step, run


class References:
    """Resolves the references of one reading.

    Args:
        definitions: the reading; its names are replaced by the resolved types.
    """

    def __init__(self, definitions: Definitions) -> None:
        self._definitions = definitions
        self._resolved: dict[int, Schema] = {}
        self._left: set[int] = set()
        self._unfinished: set[Record] = set()
        self._defaults = Defaults(self._unfinished)

    def resolve(self, root: Schema) -> Schema:
        """Return the schema with every reference replaced.

        Raises:
            InvalidSchemaError: no type has that name, two branches of a union turn out to be the same, or a default
                does not fit the type that its field turns out to have.
        """
        names = self._definitions.names
        for schema in list(names.values()):
            run(self._visit(schema))
        run(self._visit(root))
        resolved = self._replacement(root)
        for name, schema in names.items():
            names[name] = self._replacement(schema)  # type: ignore[assignment]  # a named type stays one
        return resolved

    def _visit(self, start: Schema) -> Step[None]:
        visited: set[int] = set()
        rest: list[tuple[Schema, bool]] = [(start, False)]
        while rest:
            node, all_inside_done = rest.pop()
            if id(node) in self._left:
                # To make it anew for each name, as Avro Java does, takes the cube of the time and changes nothing.
                continue
            if all_inside_done:
                self._leave(node)
                self._left.add(id(node))
            elif not isinstance(node, Primitive | Enum | Fixed) and id(node) not in visited:
                if isinstance(node, Record) and id(node) not in self._resolved:
                    yield self._enter(node)
                visited.add(id(node))
                rest.append((node, True))
                rest.extend((inner, False) for inner in _inside(node))

    def _enter(self, record: Record) -> Step[None]:
        if isinstance(record, Reference):
            target = self._definitions.names.get(record.target)
            if target is None:
                raise self._definitions.error_at(
                    record, f"no type is named {record.target}", "Define it, or write its full name"
                )
            if id(target) not in self._resolved:
                yield self._visit(target)
            self._resolved[id(record)] = self._replacement(target)
            return
        copy = Record(
            name=record.name,
            aliases=record.aliases,
            short_aliases=record.short_aliases,
            doc=record.doc,
            is_error=record.is_error,
            props=record.props,
        )
        self._unfinished.add(copy)
        self._resolved[id(record)] = copy

    def _leave(self, node: Schema) -> None:
        if isinstance(node, Reference):
            return
        if isinstance(node, Record):
            copy = self._resolved[id(node)]
            if isinstance(copy, Record) and copy in self._unfinished:
                copy.complete(tuple(map(self._field, node.fields)))
                self._unfinished.discard(copy)
        elif isinstance(node, Union):
            union = Union(branches=tuple(map(self._replacement, node.branches)))
            self._definitions.check_branches(union, node)
            self._resolved[id(node)] = union
        elif isinstance(node, Array):
            self._resolved[id(node)] = Array(items=self._replacement(node.items), props=node.props)
        elif isinstance(node, Map):
            self._resolved[id(node)] = Map(values=self._replacement(node.values), props=node.props)

    def _field(self, field: Field) -> Field:
        resolved = Field(
            name=field.name,
            type=self._replacement(field.type),
            default=field.default,
            aliases=field.aliases,
            doc=field.doc,
            order=field.order,
            props=field.props,
        )
        if field.default is not MISSING and self._definitions.rules.defaults:
            try:
                fits = self._defaults.fits(resolved.type, field.default)
            except UnfinishedRecordError:
                raise self._definitions.error_at(
                    field,
                    f"the default of field {field.name} needs a record that is still being defined",
                    "Make the field optional, with null as its default",
                ) from None
            if not fits:
                raise self._definitions.default_error(field)
        return resolved

    def _replacement(self, schema: Schema) -> Schema:
        if isinstance(schema, Primitive | Enum | Fixed):
            return schema
        return self._resolved[id(schema)]


def _inside(node: Schema) -> list[Schema]:
    """Return what is directly inside, so that the last one is visited first."""
    if isinstance(node, Record):
        return [field.type for field in reversed(node.fields)]
    if isinstance(node, Union):
        return list(node.branches)
    if isinstance(node, Array):
        return [node.items]
    return [node.values] if isinstance(node, Map) else []
