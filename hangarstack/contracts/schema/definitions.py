"""The first reading of a schema: every type as it is written, references to later types left open.

Avro Java knows a record by name only when it has read its end; a reference from within is looked up afterwards, by
its full name. What that implies (a default that needs such a type is judged twice, a short name may find a type
without namespace first) is kept here on purpose, because the registry's verdict depends on it.
"""

from __future__ import annotations

import itertools
from functools import partial
from types import GeneratorType
from typing import Any, Final

from hangarstack.contracts.schema import attributes, naming
from hangarstack.contracts.schema.attributes import ENUM_RESERVED, FIELD_RESERVED, RESERVED
from hangarstack.contracts.schema.defaults import Defaults, number_in_text
from hangarstack.contracts.schema.equality import same_schema
from hangarstack.contracts.schema.excerpt import excerpt
from hangarstack.contracts.schema.jsontree import has_big_integer
from hangarstack.contracts.schema.logical import logical_type
from hangarstack.contracts.schema.memory import Known, Memory
from hangarstack.contracts.schema.model import (
    MISSING,
    NO_PROPS,
    Array,
    Enum,
    Field,
    Fixed,
    Map,
    Named,
    Primitive,
    Props,
    Record,
    Schema,
    Union,
)
from hangarstack.contracts.schema.names import PRIMITIVES, is_name, namespace, type_name
from hangarstack.contracts.schema.pointer import Path, pointer
from hangarstack.contracts.schema.reference import Reference
from hangarstack.contracts.schema.rules import Rules
from hangarstack.contracts.schema.trampoline import Step, run
from hangarstack.errors import InvalidSchemaError

_LONGEST_ARRAY: Final = 2**31 - 1 - 8
"""Of a Java machine; no fixed is longer."""


class Definitions:
    """One reading of one schema.

    Args:
        names: the types known by full name; those of this schema are added.
        rules: what is looked at besides the structure.
        side: what to call the schema in an error.
        memory: fields of other schemas.
    """

    def __init__(self, names: dict[str, Named], rules: Rules, side: str, memory: Memory | None = None) -> None:
        self.names = names
        self.rules = rules
        self.has_references = False
        self._side = side
        self._memory = memory
        self._defaults = Defaults()
        self._paths: dict[int, Path | None] = {}
        self._numbers = itertools.count()
        self._defined: list[Named] = []
        self._is_alone = True

    def read(self, value: object) -> Schema:
        """Read the whole schema."""
        return run(self._read(value))

    def error_at(self, node: object, what: str, remedy: str = "") -> InvalidSchemaError:
        """Return the error for a reference, union or field that turned out wrong only later."""
        return self._error(self._paths.get(id(node)), what, remedy)

    def _error(self, path: Path | None, what: str, remedy: str = "") -> InvalidSchemaError:
        return InvalidSchemaError(what, where=f"{self._side}#{pointer(path)}", remedy=remedy)

    def _read(self, value: object) -> Step[Schema]:
        root: Schema = yield self._schema(value, None, None)
        return root

    def _schema(self, value: object, path: Path | None, space: str | None) -> Schema | Step[Schema]:
        if isinstance(value, str):
            return self._by_name(value, path, space)
        if isinstance(value, list):
            return self._union(value, path, space)
        if not isinstance(value, dict):
            raise self._error(path, f"{excerpt(value)} is no schema", "Write a name, an object or a list")
        kind = value.get("type")
        if not isinstance(kind, str):
            nested = isinstance(kind, dict | list)
            remedy = "Put what is in it in the place of the object" if nested else "Add it"
            raise self._error(path, 'the object has no "type" that is a name', remedy)
        if kind in PRIMITIVES:
            return self._primitive(value, kind)
        return self._complex(kind, value, path, space)

    def _complex(self, kind: str, value: dict[str, Any], path: Path | None, space: str | None) -> Schema | Step[Schema]:
        if kind in {"record", "error"}:
            return self._record(value, path, space)
        if kind == "enum":
            return self._enum(value, path, space)
        if kind == "fixed":
            return self._fixed(value, path, space)
        if kind in {"array", "map"}:
            return self._collection(kind, value, path, space)
        remedy = "Refer to a named type by its name alone, without an object around it"
        raise self._error(path, f"{excerpt(kind)} is no type", remedy)

    def _by_name(self, name: str, path: Path | None, space: str | None) -> Schema:
        if name in PRIMITIVES:
            return Primitive(type=name, props=NO_PROPS)  # type: ignore[arg-type]  # one of the eight names
        self._is_alone = False
        full = f"{space}.{name}" if space and "." not in name else name
        known = self.names.get(full) or self.names.get(name)
        if known is not None:
            return known
        self.has_references = True
        reference = Reference(name=f"reference {next(self._numbers)}", target=full)
        self._paths[id(reference)] = path
        return reference

    def _primitive(self, value: dict[str, Any], kind: str) -> Primitive:
        props = attributes.props(value, RESERVED)
        return Primitive(
            type=kind,  # type: ignore[arg-type]  # one of the eight names
            logical=logical_type(props, kind),
            props=props,
        )

    def _collection(self, kind: str, value: dict[str, Any], path: Path | None, space: str | None) -> Step[Schema]:
        key = "items" if kind == "array" else "values"
        if key not in value:
            raise self._error(path, f'the {kind} has no "{key}"', "Add the schema of what is in it")
        inner = yield self._schema(value[key], (path, key), space)
        props = self._container_props(value, path)
        return Array(items=inner, props=props) if kind == "array" else Map(values=inner, props=props)

    def _union(self, value: list[object], path: Path | None, space: str | None) -> Step[Schema]:
        branches = []
        for index, item in enumerate(value):
            asked: Any = self._schema(item, (path, index), space)
            branches.append((yield asked) if type(asked) is GeneratorType else asked)
        union = Union(branches=tuple(branches))
        self._paths[id(union)] = path
        self.check_branches(union, union)
        return union

    def check_branches(self, union: Union, written: Union) -> None:
        """Refuse a union in a union and two branches that a reader cannot tell apart.

        Args:
            union: the branches.
            written: the union as it was first read, whose place is known.
        """
        seen = set()
        for branch in union.branches:
            if isinstance(branch, Union):
                raise self.error_at(written, "a union stands directly in a union", "Merge their branches")
            name = type_name(branch)
            if name in seen:
                raise self.error_at(written, f"the union has {excerpt(name)} twice", "Keep one of them")
            seen.add(name)

    def _record(self, value: dict[str, Any], path: Path | None, space: str | None) -> Step[Schema]:
        name = naming.name(value, space, self.rules, partial(self._error, path))
        inside = namespace(name)
        items = value.get("fields")
        if not isinstance(items, list):
            raise self._error(path, 'the record has no "fields"', "Add a list, which may be empty")
        fields: dict[str, Field] = {}
        # Only the root's: what is further in is part of a field that is remembered as a whole. So no type gets two
        # places in one schema, for a root has each field once; a verdict on two types is kept with its place.
        known = self._memory.within(inside) if self._memory and path is None else None
        for index, item in enumerate(items):
            found = known.get(id(item)) if known else None
            if found and (not found.defined or self._may_stand(found)):
                field = found.field
            else:
                field = yield from self._new_field(item, ((path, "fields"), index), inside, known)
            if field.name in fields:
                raise self._error(((path, "fields"), index), f"the record has field {field.name} twice", "Rename one")
            fields[field.name] = field
        aliases, short = naming.aliases(value, name, self.rules, partial(self._error, path))
        record = Record(
            name=name,
            fields=tuple(fields.values()),
            aliases=aliases,
            short_aliases=short,
            doc=attributes.text(value, "doc"),
            is_error=value["type"] == "error",
            props=self._container_props(value, path),
        )
        return self._define(record, path)

    def _may_stand(self, known: Known) -> bool:
        if any(named.name in self.names for named in known.defined):
            return False
        self.names.update((named.name, named) for named in known.defined)
        return True

    def _new_field(self, item: object, at: Path, space: str | None, known: dict[int, Known] | None) -> Step[Field]:
        if not isinstance(item, dict) or "type" not in item:
            raise self._error(at, f"{excerpt(item)} is no field", 'A field has a "name" and a "type"')
        before, was_alone, self._is_alone = len(self._defined), self._is_alone, True
        # Most types hold no other: to go through the trampoline for each would take twice as long.
        asked: Any = self._schema(item["type"], (at, "type"), space)
        field = self._field(item, (yield asked) if type(asked) is GeneratorType else asked, at)
        # What refers to a type, or defines one anew, means something else in another schema.
        if known is not None and self._is_alone:
            known[id(item)] = Known(item=item, field=field, defined=tuple(self._defined[before:]))
        self._is_alone = self._is_alone and was_alone
        return field

    def _field(self, item: dict[str, Any], type_: Schema, at: Path) -> Field:
        name = attributes.text(item, "name")
        if name is None or not is_name(name, self.rules.names):
            raise self._error(at, f"{excerpt(item.get('name'))} is no field name", naming.REMEDY)
        default = self._default(item, type_, at)
        field = Field(
            name=name,
            type=type_,
            default=default,
            aliases=attributes.aliases(item, partial(self._error, at)),
            doc=attributes.text(item, "doc"),
            order=attributes.order(item, partial(self._error, at)),
            props=attributes.props(item, FIELD_RESERVED),
            written_default=None if isinstance(default, str) else attributes.text(item, "default"),
        )
        if field.default is not MISSING:
            self._paths[id(field)] = at
            if self.rules.defaults and not self._defaults.fits(type_, field.default):
                raise self.default_error(field)
        return field

    def _default(self, item: dict[str, Any], type_: Schema, at: Path) -> object:
        default = item.get("default", MISSING)
        if not isinstance(default, str) or not isinstance(type_, Primitive):
            return default
        if type_.type not in {"float", "double"}:
            return default
        number = number_in_text(default)
        if number is None:
            raise self._error(at, f"the default {excerpt(default)} is no number", "Write a number")
        return number

    def default_error(self, field: Field) -> InvalidSchemaError:
        """Return the error for a field whose default does not fit its type."""
        return self.error_at(
            field,
            f"the default {excerpt(field.default)} of field {field.name} does not fit its type",
            "Give a default of the field's type, or none",
        )

    def _enum(self, value: dict[str, Any], path: Path | None, space: str | None) -> Schema:
        name = naming.name(value, space, self.rules, partial(self._error, path))
        symbols = value.get("symbols")
        if not isinstance(symbols, list):
            raise self._error(path, 'the enum has no "symbols"', "Add a list of names")
        for index, symbol in enumerate(symbols):
            if not isinstance(symbol, str) or not is_name(symbol, self.rules.names):
                raise self._error(((path, "symbols"), index), f"{excerpt(symbol)} is no symbol", naming.REMEDY)
        known = set(symbols)
        if len(known) < len(symbols):
            raise self._error(path, "the enum has a symbol twice", "Keep one of them")
        default = attributes.text(value, "default")
        if default is not None and default not in known:
            raise self._error(path, f"the default {excerpt(default)} is no symbol of the enum", "Add it")
        aliases, short = naming.aliases(value, name, self.rules, partial(self._error, path))
        enum = Enum(
            name=name,
            symbols=tuple(symbols),
            default=default,
            aliases=aliases,
            short_aliases=short,
            doc=attributes.text(value, "doc"),
            props=attributes.props(value, ENUM_RESERVED),
        )
        return self._define(enum, path)

    def _fixed(self, value: dict[str, Any], path: Path | None, space: str | None) -> Schema:
        name = naming.name(value, space, self.rules, partial(self._error, path))
        size = value.get("size")
        if type(size) is not int or not 0 <= size <= _LONGEST_ARRAY:
            raise self._error(path, f'"size" is {excerpt(size)}', f"Write bytes, 0 to {_LONGEST_ARRAY}")
        props = attributes.props(value, RESERVED)
        aliases, short = naming.aliases(value, name, self.rules, partial(self._error, path))
        fixed = Fixed(
            name=name,
            size=size,
            aliases=aliases,
            short_aliases=short,
            logical=logical_type(props, "fixed", size=size),
            doc=attributes.text(value, "doc"),
            props=props,
        )
        return self._define(fixed, path)

    def _container_props(self, value: dict[str, Any], path: Path | None) -> Props:
        props = attributes.props(value, RESERVED)
        for key, item in props.items():
            # Avro Java copies the attributes of records, arrays and maps, and loses such a number.
            if has_big_integer(item):
                raise self._error(path, f"an integer in {excerpt(key)} needs more than 64 bits", "Write text")
        return props

    def _define(self, named: Named, path: Path | None) -> Named:
        known = self.names.setdefault(named.name, named)
        if known is not named:
            self._is_alone = False
            if not same_schema(known, named):
                raise self._error(path, f"{named.name} is defined twice, differently", "Rename one of them")
        self._defined.append(named)
        return named
