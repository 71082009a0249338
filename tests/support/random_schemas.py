"""Random Avro records.

Names come from small pools, so that short names meet across namespaces, records hold themselves, and aliases hit.
"""

from __future__ import annotations

import random
from typing import Any, Final

from hangarstack.contracts.schema import parse_schema
from hangarstack.errors import InvalidSchemaError

Json = Any

NAMESPACES: Final = ("", "x", "y.z")
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


class RandomSchemas:
    """Makes schemas, evolutions and records from one source of randomness.

    Args:
        rng: seeded, so that a failure can be told by its seed.
    """

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self._names: list[str] = []
        self._records: list[str] = []
        self._serial = 0

    def record(self) -> Json:
        """Return a valid record schema."""
        while True:
            self._names, self._records, self._serial = [], [], 0
            schema = self._record(0)
            if is_valid(schema):
                return schema

    def type(self, depth: int, *, union: bool = True) -> Json:
        """Return a random type, simple where it is nested deeply."""
        kinds = ["primitive"] * 5 + ["logical"] * 2 + ["enum", "fixed", "named", "recursive"]
        if depth < 3:
            kinds += ["array", "map", "record"]
        if union:
            kinds += ["union"] * (3 if depth < 3 else 1)
        match self.rng.choice(kinds):
            case "logical":
                return dict(self.rng.choice(_LOGICAL))
            case "enum":
                return self._enum()
            case "fixed":
                return self._fixed()
            case "named" if self._names:
                return self.rng.choice(self._names)
            case "recursive" if self._records and union:
                return self.rng.choice((["null", self.rng.choice(self._records)], array_of(self._records[0])))
            case "array":
                return {"type": "array", "items": self.type(depth + 1)}
            case "map":
                return {"type": "map", "values": self.type(depth + 1)}
            case "record":
                return self._record(depth + 1)
            case "union":
                return self._union(depth)
        return self.rng.choice(_PRIMITIVES)

    def _name(self, prefix: str) -> Json:
        self._serial += 1
        name: Json = {
            "name": f"{prefix}{self.rng.randrange(1, 4)}" if self.rng.random() < 0.4 else f"{prefix}{self._serial + 3}"
        }
        space = self.rng.choice((None, None, *NAMESPACES))
        if space is not None:
            name["namespace"] = space
        return name

    def _enum(self) -> Json:
        symbols = self.rng.sample(("A", "B", "C", "D", "None", "title"), self.rng.randrange(1, 5))
        schema = {"type": "enum", **self._name("E"), "symbols": symbols}
        if self.rng.random() < 0.5:
            schema["default"] = self.rng.choice(symbols)
        return schema

    def _fixed(self) -> Json:
        schema: Json = {"type": "fixed", **self._name("F"), "size": self.rng.choice((0, 1, 2, 4, 8, 12, 16))}
        logical = {16: "uuid", 12: "duration", 8: "decimal"}.get(schema["size"])
        if logical is not None and self.rng.random() < 0.5:
            schema["logicalType"] = logical
            if logical == "decimal":
                schema |= {"precision": 18, "scale": 3}
        return schema

    def _union(self, depth: int) -> Json:
        branches: list[Json] = []
        for _ in range(self.rng.choice((1, 2, 2, 3, 4))):
            branch = self.type(depth + 1, union=False)
            if branch_key(branch) not in map(branch_key, branches):
                branches.append(branch)
        if self.rng.random() < 0.5 and "null" not in branches:
            branches.insert(self.rng.choice((0, len(branches))), "null")
        return branches

    def _record(self, depth: int) -> Json:
        schema: Json = {"type": "record", **self._name("R"), "fields": []}
        full = full_name(schema)
        self._records.append(full)
        names = self.rng.sample(_FIELD_NAMES, self.rng.choice((0, 1, 2, 3, 3, 4, 5)))
        for name in names:
            schema["fields"].append(self._field(name, depth))
        return schema

    def _field(self, name: str, depth: int) -> Json:
        field: Json = {"name": name, "type": self.type(depth + 1)}
        if self.rng.random() < 0.4:
            field["default"] = self.default(field["type"])
        return field

    def default(self, schema: Json) -> Json:
        """Return a default that is mostly valid."""
        if isinstance(schema, list):
            return self.default(self.rng.choice(schema)) if schema else None
        if isinstance(schema, str):
            return self._primitive_default(schema)
        match schema["type"]:
            case "enum":
                return self.rng.choice([*schema["symbols"], *schema["symbols"], "NOWHERE"])
            case "fixed":
                return "\xff" * self.rng.choice((schema["size"], schema["size"], 1))
            case "array":
                return [self.default(schema["items"]) for _ in range(self.rng.choice((0, 0, 1, 2)))]
            case "map":
                return {"k": self.default(schema["values"])} if self.rng.random() < 0.4 else {}
            case "record":
                fields = [field for field in schema["fields"] if "default" not in field or self.rng.random() < 0.5]
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
        return self.rng.choice(defaults.get(kind, ({}, None)))


def is_named(each: Json) -> bool:
    """Tell whether an object is the definition of a named type."""
    return each.get("type") in ("record", "enum", "fixed")


def array_of(items: Json) -> Json:
    """Return an array schema."""
    return {"type": "array", "items": items}


def base(schema: Json) -> str:
    """Return the primitive type of a schema, or an empty text."""
    if isinstance(schema, dict) and isinstance(schema.get("type"), str):
        return str(schema["type"])
    return schema if isinstance(schema, str) else ""


def branch_key(schema: Json) -> Json:
    """Return what no two branches of a union may share."""
    return full_name(schema) if isinstance(schema, dict) and is_named(schema) else base(schema)


def full_name(schema: Json) -> str:
    """Return the name of a named type with its namespace."""
    space = schema.get("namespace", "")
    return f"{space}.{schema['name']}" if space else str(schema["name"])


def is_valid(schema: Json) -> bool:
    """Tell whether Avro takes a schema."""
    try:
        parse_schema(schema)
    except InvalidSchemaError:
        return False
    return True
