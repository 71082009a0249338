"""Rules for the current version's schema.

They are about what is written there, so a type that is used twice is found wanting once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from hangarstack.contracts.fieldpaths import fields_once
from hangarstack.contracts.lint.finding import Place
from hangarstack.contracts.lint.personal import looks_personal
from hangarstack.contracts.lint.times import says_time
from hangarstack.contracts.model import Contract
from hangarstack.contracts.pii import is_pii
from hangarstack.contracts.schema import Array, Enum, Fixed, Map, Primitive, Record, Schema, Union

_SNAKE: Final = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_PASCAL: Final = re.compile(r"[A-Z][A-Za-z0-9]*")
_UPPER: Final = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*")
_NUMBERS: Final = frozenset({"int", "long", "float", "double"})


def documented(contract: Contract) -> Iterator[Place]:
    """Every record, enum, fixed and field says what it means."""
    for place, named in _types(contract):
        if not (named.doc or "").strip():
            yield place, "the type has no doc"
    for path, field in fields_once(contract.current.schema):
        if not (field.doc or "").strip():
            yield _at(contract, path), "the field has no doc"


def names(contract: Contract) -> Iterator[Place]:
    """Fields are snake_case, types PascalCase, symbols UPPER_CASE."""
    for path, field in fields_once(contract.current.schema):
        if not _SNAKE.fullmatch(field.name):
            yield _at(contract, path), "the field is not snake_case"
    for place, named in _types(contract):
        if not _PASCAL.fullmatch(named.name.rpartition(".")[2]):
            yield place, "the type is not PascalCase"
        if isinstance(named, Enum):
            for symbol in named.symbols:
                if not _UPPER.fullmatch(symbol):
                    yield place, f"symbol {symbol} is not UPPER_CASE"


def header(contract: Contract) -> Iterator[Place]:
    """Every event begins with its id and its time."""
    expected = (("event_id", "string", "uuid"), ("occurred_at", "long", "timestamp-micros"))
    found = contract.current.schema.fields
    for index, (name, kind, logical) in enumerate(expected):
        field = found[index] if index < len(found) else None
        type_ = field.type if field is not None and field.name == name else None
        fits = isinstance(type_, Primitive) and type_.type == kind and type_.logical is not None
        if not fits or not isinstance(type_, Primitive) or type_.logical is None or type_.logical.name != logical:
            yield _at(contract, name), f"field {index + 1} is not {name}, a {kind} with logicalType {logical}"


def enum_default(contract: Contract) -> Iterator[Place]:
    """Every enum has a symbol for what a reader does not know."""
    for place, named in _types(contract):
        if isinstance(named, Enum) and named.default is None:
            yield place, "the enum has no default symbol"


def optional_shape(contract: Contract) -> Iterator[Place]:
    """Optional is written one way: null first, one other type, null as the default."""
    for path, field in fields_once(contract.current.schema):
        if not isinstance(field.type, Union):
            continue
        kinds = [branch.type for branch in field.type.branches if isinstance(branch, Primitive)]
        if "null" in kinds and (kinds[0] != "null" or field.default is not None or len(field.type.branches) != 2):
            yield _at(contract, path), 'the field is not ["null", T] with default null'


def logical_time(contract: Contract) -> Iterator[Place]:
    """A time says in which unit it is."""
    for path, field in fields_once(contract.current.schema):
        held, many = _held(field.type)
        bare = any(isinstance(each, Primitive) and each.type in _NUMBERS and each.logical is None for each in held)
        if bare and says_time(field.name, many=many):
            yield _at(contract, path), "the field is a bare number; give it a logicalType such as timestamp-micros"


def personal(contract: Contract) -> Iterator[Place]:
    """What looks personal is tagged as such."""
    for path, field in fields_once(contract.current.schema):
        flag = isinstance(field.type, Primitive) and field.type.type == "boolean"
        if looks_personal(field.name) and not flag and not is_pii(field):
            yield _at(contract, path), 'the field looks personal and has no "confluent:tags": ["PII"]'


def bounded_depth(contract: Contract) -> Iterator[Place]:
    """No record holds itself."""
    for place, named in _types(contract):
        if isinstance(named, Record) and _holds(named, named):
            yield place, "the record holds itself, so nothing bounds the size of an event"


def _holds(outer: Record, sought: Record) -> bool:
    seen: set[int] = set()
    rest: list[Schema] = [field.type for field in outer.fields]
    while rest:
        schema = rest.pop()
        if schema is sought:
            return True
        if id(schema) in seen:
            continue
        seen.add(id(schema))
        if isinstance(schema, Record):
            rest.extend(field.type for field in schema.fields)
        elif isinstance(schema, Array):
            rest.append(schema.items)
        elif isinstance(schema, Map):
            rest.append(schema.values)
        elif isinstance(schema, Union):
            rest.extend(schema.branches)
    return False


def _held(schema: Schema) -> tuple[list[Schema], bool]:
    """Return what a field holds, inside unions, arrays and maps, and whether it may be several."""
    held: list[Schema] = []
    rest, many = [schema], False
    while rest:
        inner = rest.pop()
        if isinstance(inner, Union):
            rest.extend(inner.branches)
        elif isinstance(inner, Array | Map):
            many = True
            rest.append(inner.items if isinstance(inner, Array) else inner.values)
        else:
            held.append(inner)
    return held, many


def _at(contract: Contract, path: str) -> str:
    return f"{contract.current.path}: {path}"


def _types(contract: Contract) -> Iterator[tuple[str, Record | Enum | Fixed]]:
    record = contract.current.schema
    seen: set[str] = set()
    rest: list[Schema] = [record, *(field.type for _, field in fields_once(record))][::-1]
    while rest:
        schema = rest.pop()
        if isinstance(schema, Array):
            rest.append(schema.items)
        elif isinstance(schema, Map):
            rest.append(schema.values)
        elif isinstance(schema, Union):
            rest.extend(reversed(schema.branches))
        elif isinstance(schema, Record | Enum | Fixed) and schema.name not in seen:
            seen.add(schema.name)
            yield _at(contract, schema.name), schema
