"""Random Avro records, what a later version makes of them, and random records in bytes.

Names come from small pools, so that short names meet across namespaces, records hold themselves, and aliases hit.
"""

from __future__ import annotations

import copy
import random
import struct
from collections.abc import Callable
from typing import Any, Final

from hangarstack.contracts.schema import parse_schema
from hangarstack.errors import InvalidSchemaError

Json = Any

_NAMESPACES: Final = ("", "x", "y.z")
_FIELD_NAMES: Final = ("a", "b", "c", "d", "e1", "f", "class", "encode", "self", "int", "date", "body", "pos", "_id")
_PRIMITIVES: Final = ("null", "boolean", "int", "long", "float", "double", "bytes", "string")
_LOGICAL: Final[tuple[Json, ...]] = (
    {"type": "int", "logicalType": "date"},
    {"type": "int", "logicalType": "time-millis"},
    {"type": "long", "logicalType": "time-micros"},
    {"type": "long", "logicalType": "timestamp-millis"},
    {"type": "long", "logicalType": "timestamp-micros"},
    {"type": "long", "logicalType": "timestamp-nanos"},
    {"type": "long", "logicalType": "local-timestamp-millis"},
    {"type": "long", "logicalType": "local-timestamp-micros"},
    {"type": "string", "logicalType": "uuid"},
    {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2},
)
_WIDER: Final = {
    "int": ("long", "float", "double"),
    "long": ("float", "double"),
    "float": ("double",),
    "string": ("bytes",),
    "bytes": ("string",),
}
_TEXTS: Final = ("", "a", "naïve", "航空機", "✈️", "line\nbreak", "\x00nul", "x" * 70)
_INTS: Final = (0, 1, -1, 63, 64, -64, -65, 8191, 8192, 2**31 - 1, -(2**31))
_LONGS: Final = (*_INTS, 2**31, -(2**31) - 1, 9007199254740993, 16777217, 2**63 - 1, -(2**63), 1_700_000_000_000_000)
_FLOATS: Final = (
    b"\0\0\0\0",
    b"\0\0\0\x80",
    b"\0\0\xc0?",
    b"\1\0\0\0",
    b"\0\0\x80\xff",
    b"\1\0\xc0\x7f",
    b"\1\0\x80\x7f",
    b"\xff\xff\x7f\x7f",
)


class RandomSchemas:
    """Makes schemas, evolutions and records from one source of randomness.

    Args:
        rng: seeded, so that a failure can be told by its seed.
    """

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._names: list[str] = []
        self._records: list[str] = []
        self._serial = 0

    def record(self) -> Json:
        """Return a valid record schema."""
        while True:
            self._names, self._records, self._serial = [], [], 0
            schema = self._record(0)
            if _is_valid(schema):
                return schema

    def evolved(self, schema: Json) -> Json:
        """Return a schema that a later version might be: some can read what the first one wrote, some cannot."""
        while True:
            changed = copy.deepcopy(schema)
            for _ in range(self._rng.choice((1, 1, 2, 3))):
                self._rng.choice(_MUTATIONS)(self, changed)
            if _is_valid(changed):
                return changed

    def bodies(self, schema: Json, count: int) -> list[bytes]:
        """Return random records in bytes; maps have one entry at most, because their order is nobody's."""
        return [RandomBody(self._rng, schema).bytes() for _ in range(count)]

    # --- types

    def type(self, depth: int, *, union: bool = True) -> Json:
        """Return a random type, simple where it is nested deeply."""
        kinds = ["primitive"] * 5 + ["logical"] * 2 + ["enum", "fixed", "named", "recursive"]
        if depth < 3:
            kinds += ["array", "map", "record"]
        if union:
            kinds += ["union"] * (3 if depth < 3 else 1)
        match self._rng.choice(kinds):
            case "logical":
                return dict(self._rng.choice(_LOGICAL))
            case "enum":
                return self._enum()
            case "fixed":
                return self._fixed()
            case "named" if self._names:
                return self._rng.choice(self._names)
            case "recursive" if self._records and union:
                return self._rng.choice((["null", self._rng.choice(self._records)], _array(self._records[0])))
            case "array":
                return {"type": "array", "items": self.type(depth + 1)}
            case "map":
                return {"type": "map", "values": self.type(depth + 1)}
            case "record":
                return self._record(depth + 1)
            case "union":
                return self._union(depth)
        return self._rng.choice(_PRIMITIVES)

    def _name(self, prefix: str) -> Json:
        self._serial += 1
        name: Json = {"name": f"{prefix}{self._rng.randrange(1, 4)}" if self._rng.random() < 0.4 else f"{prefix}{self._serial + 3}"}
        space = self._rng.choice((None, None, *_NAMESPACES))
        if space is not None:
            name["namespace"] = space
        return name

    def _enum(self) -> Json:
        symbols = self._rng.sample(("A", "B", "C", "D", "None", "title"), self._rng.randrange(1, 5))
        schema = {"type": "enum", **self._name("E"), "symbols": symbols}
        if self._rng.random() < 0.5:
            schema["default"] = self._rng.choice(symbols)
        return schema

    def _fixed(self) -> Json:
        schema: Json = {"type": "fixed", **self._name("F"), "size": self._rng.choice((0, 1, 2, 4, 8, 12, 16))}
        logical = {16: "uuid", 12: "duration", 8: "decimal"}.get(schema["size"])
        if logical is not None and self._rng.random() < 0.5:
            schema["logicalType"] = logical
            if logical == "decimal":
                schema |= {"precision": 18, "scale": 3}
        return schema

    def _union(self, depth: int) -> Json:
        branches: list[Json] = []
        for _ in range(self._rng.choice((1, 2, 2, 3, 4))):
            branch = self.type(depth + 1, union=False)
            if _branch_key(branch) not in map(_branch_key, branches):
                branches.append(branch)
        if self._rng.random() < 0.5 and "null" not in branches:
            branches.insert(self._rng.choice((0, len(branches))), "null")
        return branches

    def _record(self, depth: int) -> Json:
        schema: Json = {"type": "record", **self._name("R"), "fields": []}
        full = _full_name(schema)
        self._records.append(full)
        names = self._rng.sample(_FIELD_NAMES, self._rng.choice((0, 1, 2, 3, 3, 4, 5)))
        for name in names:
            schema["fields"].append(self._field(name, depth))
        return schema

    def _field(self, name: str, depth: int) -> Json:
        field: Json = {"name": name, "type": self.type(depth + 1)}
        if self._rng.random() < 0.4:
            field["default"] = self.default(field["type"])
        return field

    # --- defaults

    def default(self, schema: Json) -> Json:
        """Return a default that is mostly valid."""
        if isinstance(schema, list):
            return self.default(self._rng.choice(schema)) if schema else None
        if isinstance(schema, str):
            return self._primitive_default(schema)
        match schema["type"]:
            case "enum":
                return self._rng.choice([*schema["symbols"], *schema["symbols"], "NOWHERE"])
            case "fixed":
                return "\xff" * self._rng.choice((schema["size"], schema["size"], 1))
            case "array":
                return [self.default(schema["items"]) for _ in range(self._rng.choice((0, 0, 1, 2)))]
            case "map":
                return {"k": self.default(schema["values"])} if self._rng.random() < 0.4 else {}
            case "record":
                fields = [field for field in schema["fields"] if "default" not in field or self._rng.random() < 0.5]
                return {field["name"]: self.default(field["type"]) for field in fields}
        return self._primitive_default(schema["type"])

    def _primitive_default(self, kind: str) -> Json:
        defaults: Json = {
            "null": (None,),
            "boolean": (True, False),
            "int": (0, -7, 2**31 - 1),
            "long": (0, 5, 40_000),
            "float": (0, 1.5, 0.1, 1e39),
            "double": (0, 1.5, -0.0, 2**53 + 1),
            "bytes": ("", "b", "\xff\x00"),
            "string": ("", "s", 'quo"te', "航"),
        }
        return self._rng.choice(defaults.get(kind, ({}, None)))


# --- evolutions

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
    return made._rng.choice(found) if found else None


def _is_record(each: Json) -> bool:
    return each.get("type") == "record"


def _is_named(each: Json) -> bool:
    return each.get("type") in ("record", "enum", "fixed")


def _holds_type(each: Json) -> bool:
    return any(key in each for key in ("items", "values")) or ("name" in each and not _is_named(each))


def _type_key(each: Json) -> str:
    return "items" if "items" in each else "values" if "values" in each else "type"


def _add_field(made: RandomSchemas, schema: Json) -> None:
    record = _pick(made, schema, _is_record)
    field = {"name": f"n{made._rng.randrange(9)}", "type": made.type(2)}
    if made._rng.random() < 0.9:
        field["default"] = made.default(field["type"])
    if record is not None:
        record["fields"].insert(made._rng.randrange(len(record["fields"]) + 1), field)


def _remove_field(made: RandomSchemas, schema: Json) -> None:
    record = _pick(made, schema, lambda each: _is_record(each) and bool(each["fields"]))
    if record is not None:
        record["fields"].pop(made._rng.randrange(len(record["fields"])))


def _shuffle_fields(made: RandomSchemas, schema: Json) -> None:
    record = _pick(made, schema, _is_record)
    if record is not None:
        made._rng.shuffle(record["fields"])


def _promote(made: RandomSchemas, schema: Json) -> None:
    holder = _pick(made, schema, lambda each: _holds_type(each) and _base(each[_type_key(each)]) in _WIDER)
    if holder is not None:
        holder[_type_key(holder)] = made._rng.choice(_WIDER[_base(holder[_type_key(holder)])])


def _wrap_in_union(made: RandomSchemas, schema: Json) -> None:
    holder = _pick(made, schema, lambda each: _holds_type(each) and not isinstance(each[_type_key(each)], list))
    if holder is not None:
        inner = holder[_type_key(holder)]
        others = [made.type(3, union=False) for _ in range(made._rng.choice((1, 2)))]
        holder[_type_key(holder)] = made._rng.choice(([inner, *others], [*others, inner]))
        holder.pop("default", None)


def _change_union(made: RandomSchemas, schema: Json) -> None:
    holder = _pick(made, schema, lambda each: _holds_type(each) and isinstance(each[_type_key(each)], list))
    if holder is None:
        return
    union = holder[_type_key(holder)]
    match made._rng.randrange(4):
        case 0 if union:
            union.pop(made._rng.randrange(len(union)))
        case 1:
            union.insert(made._rng.randrange(len(union) + 1), made.type(3, union=False))
        case 2:
            made._rng.shuffle(union)
        case 3 if union:
            holder[_type_key(holder)] = made._rng.choice(union)
    holder.pop("default", None)


def _rename_type(made: RandomSchemas, schema: Json) -> None:
    named = _pick(made, schema, _is_named)
    if named is None:
        return
    old = made._rng.choice((named["name"], _full_name(named)))
    match made._rng.randrange(3):
        case 0:
            named["name"] = f"N{made._rng.randrange(9)}"
        case 1:
            named["namespace"] = made._rng.choice(_NAMESPACES)
        case 2:
            named["name"], named["namespace"] = f"N{made._rng.randrange(9)}", made._rng.choice(_NAMESPACES)
    if made._rng.random() < 0.7:
        named["aliases"] = [old]


def _rename_field(made: RandomSchemas, schema: Json) -> None:
    record = _pick(made, schema, lambda each: _is_record(each) and bool(each["fields"]))
    if record is not None:
        field = made._rng.choice(record["fields"])
        if made._rng.random() < 0.8:
            field["aliases"] = [field["name"]]
        field["name"] = f"ren{made._rng.randrange(9)}"


def _change_symbols(made: RandomSchemas, schema: Json) -> None:
    enum = _pick(made, schema, lambda each: each.get("type") == "enum")
    if enum is None:
        return
    enum["symbols"] = made._rng.sample(("A", "B", "C", "D", "Z"), made._rng.randrange(1, 5))
    enum.pop("default", None)
    if made._rng.random() < 0.6:
        enum["default"] = made._rng.choice(enum["symbols"])


def _replace_type(made: RandomSchemas, schema: Json) -> None:
    holder = _pick(made, schema, _holds_type)
    if holder is not None:
        holder[_type_key(holder)] = made.type(2)
        holder.pop("default", None)


def _change_default(made: RandomSchemas, schema: Json) -> None:
    record = _pick(made, schema, lambda each: _is_record(each) and bool(each["fields"]))
    if record is not None:
        field = made._rng.choice(record["fields"])
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


# --- records in bytes


class RandomBody:
    """Writes one random record.

    Args:
        rng: source of randomness.
        schema: of the record, parsed JSON.
    """

    def __init__(self, rng: random.Random, schema: Json) -> None:
        self._rng = rng
        self._schema = parse_schema(schema)
        self._out = bytearray()
        self._budget = 40

    def bytes(self) -> bytes:
        """Return the record."""
        self._write(self._schema)
        return bytes(self._out)

    def _long(self, value: int) -> None:
        bits = (value << 1) ^ (value >> 63)
        while bits > 127:
            self._out.append(bits & 127 | 128)
            bits >>= 7
        self._out.append(bits)

    def _text(self, data: bytes) -> None:
        self._long(len(data))
        self._out += data

    def _write(self, schema: Any) -> None:
        self._budget -= 1
        match type(schema).__name__:
            case "Record":
                for field in schema.fields:
                    self._write(field.type)
            case "Enum":
                self._long(self._rng.randrange(len(schema.symbols)))
            case "Fixed":
                self._out += self._rng.randbytes(schema.size)
            case "Union":
                self._union(schema)
            case "Array":
                self._blocks(0 if self._budget < 0 else self._rng.choice((0, 1, 2, 3)), schema.items, keyed=False)
            case "Map":
                self._blocks(0 if self._budget < 0 else self._rng.choice((0, 1)), schema.values, keyed=True)
            case _:
                self._primitive(schema.type, "" if schema.logical is None else schema.logical.name)

    def _union(self, schema: Any) -> None:
        nulls = [i for i, branch in enumerate(schema.branches) if getattr(branch, "type", None) == "null"]
        index = nulls[0] if self._budget < 0 and nulls else self._rng.randrange(len(schema.branches))
        self._long(index)
        self._write(schema.branches[index])

    def _blocks(self, count: int, inner: Any, *, keyed: bool) -> None:
        sized = self._rng.random() < 0.3
        if count and sized:
            rest, self._out = self._out, bytearray()
            self._items(count, inner, keyed=keyed)
            block, self._out = self._out, rest
            self._long(-count)
            self._long(len(block))
            self._out += block
        elif count:
            self._long(count)
            self._items(count, inner, keyed=keyed)
        self._out.append(0)

    def _items(self, count: int, inner: Any, *, keyed: bool) -> None:
        for _ in range(count):
            if keyed:
                self._text(self._rng.choice(_TEXTS).encode())
            self._write(inner)

    def _primitive(self, kind: str, logical: str) -> None:
        rng = self._rng
        match kind:
            case "boolean":
                self._out.append(rng.randrange(2))
            case "int":
                self._long(self._logical_int(logical) if logical else rng.choice(_INTS))
            case "long":
                self._long(self._logical_int(logical) if logical else rng.choice(_LONGS))
            case "float":
                self._out += rng.choice(_FLOATS)
            case "double":
                self._out += struct.pack("<d", rng.choice((0.0, -0.0, 1.5, 5e-324, float("inf"), -1e300, 2.0**60)))
            case "bytes":
                self._text(rng.randbytes(rng.randrange(9)) if logical else rng.choice(_TEXTS).encode())
            case "string":
                canonical = logical == "uuid" and rng.random() < 0.8
                text = f"{rng.getrandbits(128):032x}" if canonical else rng.choice(_TEXTS)
                self._text("-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:])).encode() if canonical else text.encode())

    def _logical_int(self, logical: str) -> int:
        scale = 1000 if logical.endswith("millis") else 1_000_000
        if logical == "date":
            return self._rng.randrange(-700_000, 2_900_000)
        if logical.startswith("time-"):
            return self._rng.randrange(86_400 * scale)
        return self._rng.randrange(-60_000_000_000, 250_000_000_000) * scale + self._rng.randrange(scale)


def _array(items: Json) -> Json:
    return {"type": "array", "items": items}


def _base(schema: Json) -> str:
    if isinstance(schema, dict) and isinstance(schema.get("type"), str):
        return str(schema["type"])
    return schema if isinstance(schema, str) else ""


def _branch_key(schema: Json) -> Json:
    return _full_name(schema) if isinstance(schema, dict) and _is_named(schema) else _base(schema)


def _full_name(schema: Json) -> str:
    space = schema.get("namespace", "")
    return f"{space}.{schema['name']}" if space else str(schema["name"])


def _is_valid(schema: Json) -> bool:
    try:
        parse_schema(schema)
    except InvalidSchemaError:
        return False
    return True
