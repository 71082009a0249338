"""The writer's schema with the names that the reader's aliases give it, as Avro Java rewrites it."""

from __future__ import annotations

from collections.abc import Iterator

from hangarstack.contracts.resolution.actions import UnresolvableError
from hangarstack.contracts.schema import MISSING, Array, Enum, Field, Fixed, Map, Record, Schema, Union
from hangarstack.contracts.schema.defaults import Defaults, UnfinishedRecordError
from hangarstack.contracts.schema.equality import same_schema


def apply_aliases(writer: Schema, reader: Schema) -> Schema:
    """Return the writer's schema as the reader calls it.

    Raises:
        UnresolvableError: the new names clash.
    """
    if same_schema(writer, reader):
        return writer
    names = _Names()
    names.collect(reader, set())
    if not names.types and not names.fields:
        return writer
    return _Renaming(names).rename(writer)


class _Names:
    """The reader's aliases: its names by what the writer may call them."""

    def __init__(self) -> None:
        self.types: dict[str, str] = {}
        self.fields: dict[str, dict[str, str]] = {}

    def collect(self, schema: Schema, seen: set[int]) -> None:
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
                self.collect(field.type, seen)
            if schema.name in self.fields:
                self.fields.update(dict.fromkeys(schema.aliases, self.fields[schema.name]))
            return
        for child in children(schema):
            self.collect(child, seen)


class _Renaming:
    def __init__(self, names: _Names) -> None:
        self._names = names
        self._done: dict[int, Record] = {}
        self._unfinished: set[Record] = set()

    def rename(self, schema: Schema) -> Schema:
        if isinstance(schema, Record):
            return self._record(schema)
        if isinstance(schema, Enum):
            name = self._names.types.get(schema.name)
            return schema if name is None else Enum(name=name, symbols=schema.symbols, default=schema.default)
        if isinstance(schema, Fixed):
            name = self._names.types.get(schema.name)
            return schema if name is None else Fixed(name=name, size=schema.size, logical=schema.logical)
        if isinstance(schema, Array):
            return Array(items=self.rename(schema.items), props=schema.props)
        if isinstance(schema, Map):
            return Map(values=self.rename(schema.values), props=schema.props)
        if isinstance(schema, Union):
            return self._union(schema)
        return schema

    def _union(self, schema: Union) -> Union:
        branches = tuple(self.rename(branch) for branch in schema.branches)
        names = [branch.name for branch in branches if isinstance(branch, Record | Enum | Fixed)]
        if len(set(names)) != len(names):
            raise UnresolvableError("by the reader's aliases two branches of a union of the writer's have one name")
        return Union(branches=branches)

    def _record(self, schema: Record) -> Record:
        if id(schema) in self._done:
            return self._done[id(schema)]
        name = self._names.types.get(schema.name, schema.name)
        result = Record(name=name, is_error=schema.is_error, props=schema.props)
        self._done[id(schema)] = result
        self._unfinished.add(result)
        renames = self._names.fields.get(name, {})
        fields = [self._field(field, renames.get(field.name, field.name)) for field in schema.fields]
        if len({field.name for field in fields}) != len(fields):
            raise UnresolvableError(f"by the reader's aliases two fields of the writer's record {name} have one name")
        result.complete(tuple(fields))
        self._unfinished.discard(result)
        return result

    def _field(self, field: Field, name: str) -> Field:
        type_ = self.rename(field.type)
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
