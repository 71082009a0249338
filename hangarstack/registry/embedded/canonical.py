"""A schema's one text, which is what Confluent's registry keeps of it.

Two texts that differ in white space, in the order of attributes or in spelling a namespace out are one schema.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

from hangarstack.contracts.schema import Array, Enum, Fixed, Map, Record, Schema, Union, to_json, to_text
from hangarstack.contracts.schema.jsontext import write_json
from hangarstack.contracts.schema.names import PRIMITIVES, full_name
from hangarstack.contracts.schema.trampoline import Step, run

_LOGICAL: Final = ("logicalType", "precision", "scale")
_INNER: Final = {"array": ("items",), "map": ("values",)}
_NAMED: Final = {
    "record": ("type", "name", "namespace", "doc", "fields"),
    "error": ("type", "name", "namespace", "doc", "fields"),
    "enum": ("type", "name", "namespace", "doc", "symbols", "default"),
    "fixed": ("type", "name", "namespace", "doc", "size", *_LOGICAL),
}
_TYPE_NAMES: Final = PRIMITIVES | {*_INNER, "union", "record", "enum", "fixed"}


def canonical(schema: Schema, *, known: Collection[str] = (), ordered: bool = False) -> str:
    """Return the text of a schema as Avro Java's ``Schema.toString`` writes it.

    Args:
        schema: the parsed schema.
        known: full names of types that are defined elsewhere, and so are only named.
        ordered: whether to normalise: attributes and aliases sorted, empty documentation left out.
    """
    if not known and not ordered:
        return to_text(schema)
    return write_json(run(_Rewriter(known=known, ordered=ordered).schema(to_json(schema), "")))


def named_types(schema: Schema) -> set[str]:
    """Return the full names of all records, enums and fixed types in a schema."""
    found: set[str] = set()
    waiting: list[Schema] = [schema]
    while waiting:
        node = waiting.pop()
        match node:
            case Union():
                waiting.extend(node.branches)
            case Array():
                waiting.append(node.items)
            case Map():
                waiting.append(node.values)
            case Record() | Enum() | Fixed() if node.name not in found:
                found.add(node.name)
                if isinstance(node, Record):
                    waiting.extend(each.type for each in node.fields)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rewriter:
    """Rewrites the JSON of a schema in which every type is spelled out where it first appears."""

    known: Collection[str]
    ordered: bool

    def schema(self, value: Any, space: str) -> Step[object]:
        if isinstance(value, str):
            return value
        if isinstance(value, list):
            branches = []
            for branch in value:
                rewritten = yield self.schema(branch, space)
                branches.append(rewritten)
            return branches
        if value["type"] in _NAMED:
            named: object = yield self._named(value, space)
            return named
        for inner in _INNER.get(value["type"], ()):
            rewritten = yield self.schema(value[inner], space)
            value = {**value, inner: rewritten}
        return self._arranged(value, ("type", *_INNER.get(value["type"], _LOGICAL)), space)

    def _named(self, value: dict[str, Any], space: str) -> Step[object]:
        own = value.get("namespace", space)
        full = f"{own}.{value['name']}" if own else value["name"]
        if full in self.known:
            is_short = own == space and value["name"] not in _TYPE_NAMES
            return value["name"] if is_short else full
        if "fields" in value:
            fields = []
            for field in value["fields"]:
                rewritten = yield self.schema(field["type"], own)
                fields.append(self._field({**field, "type": rewritten}))
            value = {**value, "fields": fields}
        if self.ordered and value.get("doc") == "":
            value = {name: value[name] for name in value if name != "doc"}
        return self._arranged(value, _NAMED[value["type"]], own)

    def _field(self, field: dict[str, Any]) -> dict[str, Any]:
        if self.ordered and "default" in field:
            field = {**field, "default": _sorted(field["default"])}
        return self._arranged(field, ("name", "type", "doc", "default", "order", "aliases"), "")

    def _arranged(self, value: dict[str, Any], first: Sequence[str], space: str) -> dict[str, Any]:
        """Return an object as it is, or normalised: what ``first`` names, other attributes sorted, then aliases."""
        if not self.ordered:
            return value
        if "aliases" in value:
            value = {**value, "aliases": sorted(value["aliases"], key=lambda name: full_name(name, space or None))}
        last = [name for name in ("aliases",) if name in value and name not in first]
        props = sorted(name for name in value if name not in first and name not in last)
        return {
            **{name: value[name] for name in first if name in value},
            **{name: _sorted(value[name]) for name in props},
            **{name: value[name] for name in last},
        }


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value)}
    return [_sorted(each) for each in value] if isinstance(value, list) else value
