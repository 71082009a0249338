"""A schema as JSON, in the form that Avro Java's ``Schema.toString`` gives it: what a registry keeps and quotes."""

from __future__ import annotations

from typing import Any, Final

from hangarstack.contracts.schema.jsontext import write_json
from hangarstack.contracts.schema.model import MISSING, Array, Enum, Field, Fixed, Map, Primitive, Record, Schema
from hangarstack.contracts.schema.names import PRIMITIVES, namespace
from hangarstack.contracts.schema.trampoline import Step, run

_TYPE_NAMES: Final = PRIMITIVES | {"record", "enum", "array", "map", "union", "fixed"}


def to_json(schema: Schema) -> object:
    """Return the JSON value of a schema; a named type is spelled out where it first appears."""
    return run(_Renderer().render(schema, None))


def to_text(schema: Schema) -> str:
    """Return the JSON text of a schema, without white space."""
    return write_json(to_json(schema))


class _Renderer:
    def __init__(self) -> None:
        self._known: set[str] = set()

    def render(self, schema: Schema, space: str | None) -> Step[object]:
        if isinstance(schema, Primitive):
            return {"type": schema.type, **schema.props} if schema.props else schema.type
        if isinstance(schema, Array):
            items = yield self.render(schema.items, space)
            return {"type": "array", "items": items, **schema.props}
        if isinstance(schema, Map):
            values = yield self.render(schema.values, space)
            return {"type": "map", "values": values, **schema.props}
        if isinstance(schema, Record | Enum | Fixed):
            if schema.name in self._known:
                return _relative(schema.name, space)
            self._known.add(schema.name)
            if isinstance(schema, Record):
                record: object = yield self._record(schema, space)
                return record
            return _enum(schema, space) if isinstance(schema, Enum) else _fixed(schema, space)
        branches = []
        for branch in schema.branches:
            rendered = yield self.render(branch, space)
            branches.append(rendered)
        return branches

    def _record(self, record: Record, space: str | None) -> Step[object]:
        head = _head("error" if record.is_error else "record", record, space)
        inside = namespace(record.name)
        fields = []
        for field in record.fields:
            type_ = yield self.render(field.type, inside)
            fields.append(_field(field, type_))
        return {**head, "fields": fields, **record.props, **_aliases(record)}


def _field(field: Field, type_: object) -> dict[str, object]:
    result: dict[str, object] = {"name": field.name, "type": type_}
    if field.doc is not None:
        result["doc"] = field.doc
    if field.default is not MISSING:
        result["default"] = field.default
    if field.order != "ascending":
        result["order"] = field.order
    if field.aliases:
        result["aliases"] = list(field.aliases)
    return {**result, **field.props}


def _enum(enum: Enum, space: str | None) -> dict[str, object]:
    default = {} if enum.default is None else {"default": enum.default}
    return {**_head("enum", enum, space), "symbols": list(enum.symbols), **default, **enum.props, **_aliases(enum)}


def _fixed(fixed: Fixed, space: str | None) -> dict[str, object]:
    return {**_head("fixed", fixed, space), "size": fixed.size, **fixed.props, **_aliases(fixed)}


def _head(kind: str, named: Record | Enum | Fixed, space: str | None) -> dict[str, Any]:
    own = namespace(named.name)
    head = {"type": kind, "name": named.name.rpartition(".")[2]}
    if own != space:
        head["namespace"] = own or ""
    if named.doc is not None:
        head["doc"] = named.doc
    return head


def _aliases(named: Record | Enum | Fixed) -> dict[str, object]:
    if not named.aliases:
        return {}
    own = namespace(named.name)
    return {"aliases": [_relative(alias, own) for alias in named.aliases]}


def _relative(full: str, space: str | None) -> str:
    before, _, last = full.rpartition(".")
    return last if before and before == space and last not in _TYPE_NAMES else full
