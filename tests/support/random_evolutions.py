"""What a later version may make of a random schema: some can read what the first one wrote, some cannot."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any, Final

from tests.support.random_schemas import NAMESPACES, RandomSchemas, base, full_name, is_named, is_valid

Json = Any

_WIDER: Final = {
    "int": ("long", "float", "double"),
    "long": ("float", "double"),
    "float": ("double",),
    "string": ("bytes",),
    "bytes": ("string",),
}


def evolved(made: RandomSchemas, schema: Json) -> Json:
    """Return a valid schema that differs from another by one to three changes."""
    while True:
        changed = copy.deepcopy(schema)
        for _ in range(made.rng.choice((1, 1, 2, 3))):
            made.rng.choice(_MUTATIONS)(made, changed)
        if is_valid(changed):
            return changed


Mutation = Callable[[RandomSchemas, Json], None]


def _walk(schema: Json) -> list[Json]:
    """Return every object of a schema, fields included."""
    if isinstance(schema, list):
        return [found for branch in schema for found in _walk(branch)]
    if not isinstance(schema, dict):
        return []
    inner = [schema.get(key) for key in ("type", "items", "values")]
    return [schema, *_walk(inner), *_walk(schema.get("fields", []))]


def _pick(made: RandomSchemas, schema: Json, wanted: Callable[[Json], bool]) -> Json | None:
    found = [each for each in _walk(schema) if wanted(each)]
    return made.rng.choice(found) if found else None


def _is_record(each: Json) -> bool:
    return bool(each.get("type") == "record")


def _holds_type(each: Json) -> bool:
    return any(key in each for key in ("items", "values")) or ("name" in each and not is_named(each))


def _type_key(each: Json) -> str:
    return "items" if "items" in each else "values" if "values" in each else "type"


def _add_field(made: RandomSchemas, schema: Json) -> None:
    record = _pick(made, schema, _is_record)
    field = {"name": f"n{made.rng.randrange(9)}", "type": made.type(2)}
    if made.rng.random() < 0.9:
        field["default"] = made.default(field["type"])
    if record is not None:
        record["fields"].insert(made.rng.randrange(len(record["fields"]) + 1), field)


def _remove_field(made: RandomSchemas, schema: Json) -> None:
    record = _pick(made, schema, lambda each: _is_record(each) and bool(each["fields"]))
    if record is not None:
        record["fields"].pop(made.rng.randrange(len(record["fields"])))


def _shuffle_fields(made: RandomSchemas, schema: Json) -> None:
    record = _pick(made, schema, _is_record)
    if record is not None:
        made.rng.shuffle(record["fields"])


def _promote(made: RandomSchemas, schema: Json) -> None:
    holder = _pick(made, schema, lambda each: _holds_type(each) and base(each[_type_key(each)]) in _WIDER)
    if holder is not None:
        holder[_type_key(holder)] = made.rng.choice(_WIDER[base(holder[_type_key(holder)])])


def _wrap_in_union(made: RandomSchemas, schema: Json) -> None:
    holder = _pick(made, schema, lambda each: _holds_type(each) and not isinstance(each[_type_key(each)], list))
    if holder is not None:
        inner = holder[_type_key(holder)]
        others = [made.type(3, union=False) for _ in range(made.rng.choice((1, 2)))]
        holder[_type_key(holder)] = made.rng.choice(([inner, *others], [*others, inner]))
        holder.pop("default", None)


def _change_union(made: RandomSchemas, schema: Json) -> None:
    holder = _pick(made, schema, lambda each: _holds_type(each) and isinstance(each[_type_key(each)], list))
    if holder is None:
        return
    union = holder[_type_key(holder)]
    match made.rng.randrange(4):
        case 0 if union:
            union.pop(made.rng.randrange(len(union)))
        case 1:
            union.insert(made.rng.randrange(len(union) + 1), made.type(3, union=False))
        case 2:
            made.rng.shuffle(union)
        case 3 if union:
            holder[_type_key(holder)] = made.rng.choice(union)
    holder.pop("default", None)


def _rename_type(made: RandomSchemas, schema: Json) -> None:
    named = _pick(made, schema, is_named)
    if named is None:
        return
    old = made.rng.choice((named["name"], full_name(named)))
    match made.rng.randrange(3):
        case 0:
            named["name"] = f"N{made.rng.randrange(9)}"
        case 1:
            named["namespace"] = made.rng.choice(NAMESPACES)
        case 2:
            named["name"], named["namespace"] = f"N{made.rng.randrange(9)}", made.rng.choice(NAMESPACES)
    if made.rng.random() < 0.7:
        named["aliases"] = [old]


def _rename_field(made: RandomSchemas, schema: Json) -> None:
    record = _pick(made, schema, lambda each: _is_record(each) and bool(each["fields"]))
    if record is not None:
        field = made.rng.choice(record["fields"])
        if made.rng.random() < 0.8:
            field["aliases"] = [field["name"]]
        field["name"] = f"ren{made.rng.randrange(9)}"


def _change_symbols(made: RandomSchemas, schema: Json) -> None:
    enum = _pick(made, schema, lambda each: each.get("type") == "enum")
    if enum is None:
        return
    enum["symbols"] = made.rng.sample(("A", "B", "C", "D", "Z"), made.rng.randrange(1, 5))
    enum.pop("default", None)
    if made.rng.random() < 0.6:
        enum["default"] = made.rng.choice(enum["symbols"])


def _replace_type(made: RandomSchemas, schema: Json) -> None:
    holder = _pick(made, schema, _holds_type)
    if holder is not None:
        holder[_type_key(holder)] = made.type(2)
        holder.pop("default", None)


def _change_default(made: RandomSchemas, schema: Json) -> None:
    record = _pick(made, schema, lambda each: _is_record(each) and bool(each["fields"]))
    if record is not None:
        field = made.rng.choice(record["fields"])
        field["default"] = made.default(field["type"])


_MUTATIONS: Final[tuple[Mutation, ...]] = (
    _add_field,
    _add_field,
    _remove_field,
    _remove_field,
    _shuffle_fields,
    _promote,
    _promote,
    _wrap_in_union,
    _change_union,
    _change_union,
    _rename_type,
    _rename_field,
    _change_symbols,
    _replace_type,
    _change_default,
)
