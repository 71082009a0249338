"""The writer's schema with the names that the reader's aliases give it, as Avro Java rewrites it."""

from __future__ import annotations

from collections.abc import Iterator

from hangarstack.contracts.resolution.actions import UnresolvableError
from hangarstack.contracts.schema import MISSING, Array, Enum, Field, Fixed, Map, Record, Schema, Union
from hangarstack.contracts.schema.defaults import Defaults, UnfinishedRecordError
from hangarstack.contracts.schema.equality import same_schema
from hangarstack.contracts.schema.trampoline import Step, run


def apply_aliases(writer: Schema, reader: Schema) -> Schema:
    """Return the writer's schema as the reader calls it.

    Raises:
        UnresolvableError: the new names clash.
    """
    if same_schema(writer, reader):
        return writer
    names = _Names()
    run(names.collect(reader, set()))
    if not names.types and not names.fields:
        return writer
    return run(_Renaming(names).whole(writer))


class _Names:
    """The reader's aliases: its names by what the writer may call them."""

    def __init__(self) -> None:
        self.types: dict[str, str] = {}
        self.fields: dict[str, dict[str, str]] = {}

    def collect(self, schema: Schema, seen: set[int]) -> Step[None]:
        if isinstance(schema, Record | Enum | Fixed):
            for alias in schema.aliases:
                self.types[alias] = schema.name
        if isinstance(schema, Record):
            if id(schema) in seen:
                return
            seen.add(id(schema))
            for field in schema.fields:
                for alias in field.aliases:
                    self.fields.setdefault(schema.name, {})[alias] = field.name
                yield self.collect(field.type, seen)
            if schema.name in self.fields:
                self.fields.update(dict.fromkeys(schema.aliases, self.fields[schema.name]))
            return
        for child in children(schema):
            yield self.collect(child, seen)


class _Renaming:
    def __init__(self, names: _Names) -> None:
        self._names = names
        self._done: dict[int, Record] = {}
        self._unfinished: set[Record] = set()

    def whole(self, schema: Schema) -> Step[Schema]:
        renamed: Schema = yield self._rename(schema)
        return renamed

    def _rename(self, schema: Schema) -> Schema | Step[Schema]:
        if isinstance(schema, Record):
            return self._record(schema)
        if isinstance(schema, Enum):
            name = self._names.types.get(schema.name)
            return schema if name is None else Enum(name=name, symbols=schema.symbols, default=schema.default)
        if isinstance(schema, Fixed):
            name = self._names.types.get(schema.name)
            return schema if name is None else Fixed(name=name, size=schema.size, logical=schema.logical)
        if isinstance(schema, Array):
            return self._array(schema)
        if isinstance(schema, Map):
            return self._map(schema)
        if isinstance(schema, Union):
            return self._union(schema)
        return schema

    def _array(self, schema: Array) -> Step[Schema]:
        items: Schema = yield self._rename(schema.items)
        return Array(items=items, props=schema.props)

    def _map(self, schema: Map) -> Step[Schema]:
        values: Schema = yield self._rename(schema.values)
        return Map(values=values, props=schema.props)

    def _union(self, schema: Union) -> Step[Schema]:
        branches: list[Schema] = []
        for branch in schema.branches:
            branches.append((yield self._rename(branch)))  # noqa: PERF401 - a comprehension cannot yield
        names = [branch.name for branch in branches if isinstance(branch, Record | Enum | Fixed)]
        if len(set(names)) != len(names):
            raise UnresolvableError("by the reader's aliases two branches of a union of the writer's have one name")
        return Union(branches=tuple(branches))

    def _record(self, schema: Record) -> Step[Schema]:
        if id(schema) in self._done:
            return self._done[id(schema)]
        name = self._names.types.get(schema.name, schema.name)
        result = Record(name=name, is_error=schema.is_error, props=schema.props)
        self._done[id(schema)] = result
        self._unfinished.add(result)
        renames = self._names.fields.get(name, {})
        fields: list[Field] = []
        for field in schema.fields:
            new_name = renames.get(field.name, field.name)
            fields.append((yield self._field(field, new_name)))
        if len({field.name for field in fields}) != len(fields):
            raise UnresolvableError(f"by the reader's aliases two fields of the writer's record {name} have one name")
        result.complete(tuple(fields))
        self._unfinished.discard(result)
        return result

    def _field(self, field: Field, name: str) -> Step[Field]:
        type_: Schema = yield self._rename(field.type)
        if field.default is not MISSING:
            # Avro Java judges defaults anew: a renamed field is no longer found in the default of its record.
            try:
                fits = Defaults(self._unfinished).fits(type_, field.default)
            except UnfinishedRecordError:
                fits = False
            if not fits:
                raise UnresolvableError(f"by the reader's aliases the default of the writer's field {name} is invalid")
        return Field(name=name, type=type_, default=field.default, order=field.order, props=field.props)


def children(schema: Schema) -> Iterator[Schema]:
    """Yield the schemas directly within a schema; none within a record's fields."""
    if isinstance(schema, Array):
        yield schema.items
    elif isinstance(schema, Map):
        yield schema.values
    elif isinstance(schema, Union):
        yield from schema.branches
