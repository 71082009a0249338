"""Schemas that Avro Java may or may not take, and what becomes of them: names that clash, references that lead
nowhere or back, defaults that fit and that do not, and junk in every place.
"""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from typing import Any, Final

Json = Any

_PRIMITIVES: Final = ("null", "boolean", "int", "long", "float", "double", "bytes", "string")
_LOGICAL: Final = (
    ("int", "date"),
    ("int", "time-millis"),
    ("long", "timestamp-micros"),
    ("string", "uuid"),
    ("bytes", "decimal"),
    ("long", "time-micros"),
    ("int", "timestamp-millis"),
    ("bytes", "big-decimal"),
)
_NAMES: Final = ("A", "B", "R", "E1", "string", "int", "array", "record", "x.Y", "a.b.C", ".Z", "A")
_ALIASES: Final = ("A", "B", "x.A", ".Q", "y.z.R1", "R2", "E1", "x.Y", "N3")
_DEFAULTS: Final[tuple[Json, ...]] = (
    *(None, 1, 2**31, 2**63, 2**64, -1, 1.5, 1e400, "x", "1.5", "NaN", "A", True),
    *({}, [], {"a": 1}, {"a": "x", "b": None}, [1], ["x"]),
)
_JUNK: Final[tuple[Json, ...]] = (
    *(None, True, False, 0, 1, -1, 1.5, 2**31, 2**63, 2**64, 1e-5, 123456789.125, 1e7, -0.0, 1.7976931348623157e308),
    *(
        "",
        "a",
        "a-b",
        "ä",
        "π9",
        "9a",
        "_",
        "a b",
        "日本",
        "\U0001d4b3",
        "a.b",
        ".a",
        "a.",
        "a..b",
        "int",
        "record",
        "null",
    ),
    *("1e5", " 2 ", "0x1p-3", "-Infinity", "NaNd", "1.f", ".5D", "1_0", "IGNORE"),
    *("\u0661", "\u0131", "\u017f", "\u017fcending", "\u0131gnore"),  # what Unicode takes for a digit or a letter
    *('"\\\n\x01\x7f\u2028/', "Ǆ", "ª", "²", "Ⅷ", "a\u0301", {"a": {"b": 2**70}}),
    *([], {}, ["int"], {"type": "int"}, {"type": {"type": "int"}}, {"type": ["null", "int"]}, [["int"]]),
    *(["int", "int"], {"type": "R1"}, ["array", {"type": "array", "items": "int"}]),
)
_KEYS: Final = (
    *("type", "name", "namespace", "fields", "symbols", "size", "items", "values", "default", "aliases", "doc"),
    *("order", "logicalType", "precision", "scale", "x", "avro.java.string"),
)
_WIDER: Final = {"int": "long", "long": "float", "float": "double", "string": "bytes", "bytes": "string"}
_PLAIN_DEFAULTS: Final[dict[str, tuple[Json, ...]]] = {
    "null": (None,),
    "boolean": (True,),
    "int": (1, -5),
    "long": (2**40,),
    "float": (1.5, 1, "2.5", 1e10, 1e-7),
    "double": (2.5, 3, "1e3", "0x1p3", "1.5f"),
    "bytes": ("b",),
    "string": ("s",),
}


def cases(rng: random.Random, count: int) -> Iterator[tuple[str, str | None]]:
    """Yield JSON texts: a reader and a writer, or one schema alone."""
    for number in range(count):
        maker = (_Maker, _Tangler)[number % 2](rng)
        schema = maker.record(rng.randint(1, 4)) if rng.random() < 0.85 else maker.schema(3)
        chance = rng.random()
        if chance < 0.25:
            yield _text(_corrupted(rng, schema)), None
        elif chance < 0.35:
            yield _text(schema), None
        else:
            other = _Maker(rng).record(3) if chance > 0.97 else evolved(rng, schema, maker)
            pair = (_text(schema), _text(other))
            yield pair if rng.random() < 0.5 else pair[::-1]


def _text(value: Json) -> str:
    # Python writes the number that is too large for a double as a word that is no JSON.
    return json.dumps(value).replace(": Infinity", ": 1e999")


class _Maker:
    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self._count = 0
        self._names: list[str] = []

    def schema(self, depth: int, *, references: bool = True) -> Json:
        rng = self.rng
        if references and self._names and rng.random() < 0.18:
            return rng.choice(self._names)
        if references and rng.random() < 0.04:
            return rng.choice(["A", "B", "R9", "x.Y", "C", "N2", "E3", "R1", "R2", "R3"])
        chance = rng.random()
        if depth <= 0 or chance < 0.38:
            return self._leaf()
        for limit, make in ((0.58, self.record), (0.68, self._enum), (0.74, self._fixed)):
            if chance < limit:
                return make(depth)
        if chance < 0.82:
            return {"type": "array", "items": self.schema(depth - 1)}
        if chance < 0.88:
            return {"type": "map", "values": self.schema(depth - 1)}
        return self._union(depth)

    def record(self, depth: int) -> Json:
        name = self._name()
        made: Json = {"type": "record" if self.rng.random() < 0.96 else "error", "name": name}
        self._decorate(made)
        if self.rng.random() < 0.5:
            self._remember(made)
        made["fields"] = [self.field(depth) for _ in range(self.rng.randint(0, 4))]
        self._remember(made)
        return made

    def field(self, depth: int) -> Json:
        rng = self.rng
        made = {"name": rng.choice([*"abcdefgh", "a1", "b1", "c1", "d1"]), "type": self.schema(depth - 1)}
        if rng.random() < 0.35:
            made["default"] = self.default(made["type"])
        if rng.random() < 0.12:
            made["aliases"] = [rng.choice("abcdefgh") for _ in range(rng.randint(1, 2))]
        if rng.random() < 0.05:
            made["order"] = rng.choice(["ascending", "descending", "ignore", "IGNORE", "bogus"])
        return made

    def default(self, schema: Json) -> Json:
        rng = self.rng
        if rng.random() < 0.12:
            return rng.choice(_DEFAULTS)
        if isinstance(schema, list):
            return self.default(schema[0] if rng.random() < 0.8 else rng.choice(schema)) if schema else None
        if isinstance(schema, str):
            return rng.choice(_PLAIN_DEFAULTS.get(schema, ({},)))
        return self._default_of(schema["type"], schema)

    def _default_of(self, kind: str, schema: Json) -> Json:
        rng = self.rng
        if kind == "array":
            return [] if rng.random() < 0.6 else [self.default(schema["items"])]
        if kind == "map":
            return {} if rng.random() < 0.6 else {"k": self.default(schema["values"])}
        if kind == "enum":
            return rng.choice(schema["symbols"]) if schema["symbols"] and rng.random() < 0.9 else "ZZ"
        if kind == "fixed":
            return "\u0001" * schema["size"] if schema["size"] < 50 else "x"
        if kind in {"record", "error"}:
            wanted = [field for field in schema["fields"] if "default" not in field or rng.random() < 0.5]
            return {field["name"]: self.default(field["type"]) for field in wanted}
        return self.default(kind)

    def _name(self) -> str:
        if self.rng.random() < 0.12:
            return self.rng.choice(_NAMES)
        self._count += 1
        return f"{self.rng.choice('RNE')}{self._count}"

    def _decorate(self, made: Json) -> None:
        rng = self.rng
        if rng.random() < 0.3:
            made["namespace"] = rng.choice(["x", "y.z", "", "a.b", "x"])
        if rng.random() < 0.15:
            made["aliases"] = [rng.choice(_ALIASES) for _ in range(rng.randint(1, 2))]
        if rng.random() < 0.08:
            key = rng.choice(["p", "logicalType", "default", "java-class", "order"])
            made[key] = rng.choice([1, "uuid", "x", None, {"a": [1.5]}, 1e20, 2**40, 2**70])

    def _remember(self, made: Json) -> None:
        self._names.append(made["name"])
        if made.get("namespace") and "." not in made["name"]:
            self._names.append(f"{made['namespace']}.{made['name']}")

    def _leaf(self) -> Json:
        rng = self.rng
        if rng.random() < 0.12:
            kind, logical = rng.choice(_LOGICAL)
            made: Json = {"type": kind, "logicalType": logical}
            if logical == "decimal":
                made |= {"precision": rng.choice([4, 9, 0, "x", 4]), "scale": rng.choice([2, 5, 0, 2])}
            return made
        kind = rng.choice(_PRIMITIVES)
        return kind if rng.random() < 0.9 else {"type": kind}

    def _union(self, depth: int) -> Json:
        rng = self.rng
        if rng.random() < 0.4:
            return [self.schema(depth - 1) for _ in range(rng.randint(0 if rng.random() < 0.1 else 1, 4))]
        branches = ["null", self.schema(depth - 1)]
        return branches[::-1] if rng.random() < 0.2 else branches

    def _enum(self, _depth: int) -> Json:
        rng = self.rng
        symbols = rng.sample("ABCD", rng.randint(0 if rng.random() < 0.05 else 1, 4))
        made: Json = {"type": "enum", "name": self._name(), "symbols": symbols}
        self._decorate(made)
        made.pop("default", None)
        if rng.random() < 0.3:
            made["default"] = rng.choice(["A", "B", "A", 5] if rng.random() < 0.2 else symbols or ["A"])
        self._remember(made)
        return made

    def _fixed(self, _depth: int) -> Json:
        rng = self.rng
        sizes = [1, 2, 4, 8, 12, 16, 0, -1, 2**31] if rng.random() < 0.1 else [2, 4, 8, 12, 16]
        made: Json = {"type": "fixed", "name": self._name(), "size": rng.choice(sizes)}
        self._decorate(made)
        if rng.random() < 0.3:
            made["logicalType"] = rng.choice(["decimal", "uuid", "duration"])
            made |= {"precision": rng.choice([2, 9, 18, 40]), "scale": rng.choice([0, 2])}
        self._remember(made)
        return made


class _Tangler(_Maker):
    """Few names, and many references forward and back."""

    def schema(self, depth: int, *, references: bool = True) -> Json:  # noqa: ARG002 - all are its own
        rng = self.rng
        if rng.random() >= 0.3:
            return super().schema(depth, references=False)
        name = rng.choice(self._names) if self._names and rng.random() < 0.5 else f"T{rng.randint(1, 4)}"
        chance = rng.random()
        if chance < 0.5:
            return name
        return ["null", name] if chance < 0.9 else {"type": rng.choice(["array", "map"]), "items": name, "values": name}

    def _name(self) -> str:
        self._count += 1
        return f"T{self._count if self.rng.random() < 0.93 else self.rng.randint(1, 4)}"


def evolved(rng: random.Random, schema: Json, maker: _Maker) -> Json:
    """Return what a schema may have become: nothing, or up to five changes."""
    made = copy.deepcopy(schema)
    for _ in range(rng.choice([0, 1, 1, 1, 2, 2, 3, 5])):
        nodes = [node for node in _nodes(made) if isinstance(node, dict | list)]
        if not nodes:
            return maker.schema(2)
        _change(rng, rng.choice(nodes), maker)
    return made


def _change(rng: random.Random, node: Json, maker: _Maker) -> None:
    if isinstance(node, list):
        _change_union(rng, node, maker)
    elif "fields" in node:
        _change_record(rng, node, maker)
    elif "symbols" in node:
        _change_enum(rng, node)
    elif "size" in node:
        node["size"] = rng.choice([2, 4, 8, 16])
    elif "name" in node:
        _change_field(rng, node, maker)
    elif "items" in node or "values" in node:
        node["items" if "items" in node else "values"] = maker.schema(2)
    elif "logicalType" in node:
        node["logicalType"] = rng.choice(["date", "uuid", "decimal", "timestamp-micros"])


def _change_union(rng: random.Random, branches: list[Json], maker: _Maker) -> None:
    chance = rng.random()
    if chance < 0.4:
        branches.append(maker.schema(1))
    elif chance < 0.7 and branches:
        branches.pop(rng.randrange(len(branches)))
    else:
        rng.shuffle(branches)


def _change_record(rng: random.Random, record: Json, maker: _Maker) -> None:
    chance, fields = rng.random(), record["fields"]
    if chance < 0.3:
        fields.insert(rng.randint(0, len(fields)), maker.field(2))
    elif chance < 0.55 and fields:
        fields.pop(rng.randrange(len(fields)))
    elif chance < 0.7:
        rng.shuffle(fields)
    elif chance < 0.8:
        old, record["name"] = record["name"], rng.choice(["Q", "A", "R1", "N2"])
        if rng.random() < 0.6:
            record["aliases"] = [rng.choice([old, f"{record.get('namespace') or 'x'}.{old}"])]
    elif chance < 0.9:
        record["namespace"] = rng.choice(["x", "", "y.z"])
    else:
        record["aliases"] = [rng.choice(["A", "R1", "x.A", ".R1", "y.z.R2"])]


def _change_enum(rng: random.Random, enum: Json) -> None:
    chance, symbols = rng.random(), enum["symbols"]
    if chance < 0.3:
        enum["symbols"] = [symbol for symbol in symbols if rng.random() < 0.7] or ["A"]
    elif chance < 0.5:
        enum["symbols"] = symbols + [symbol for symbol in "EFABCD" if symbol not in symbols][:2]
    elif chance < 0.7:
        enum["default"] = rng.choice(symbols or ["A"])
    elif chance < 0.8:
        enum.pop("default", None)
    else:
        enum["name"] = rng.choice(["E1", "Q"])


def _change_field(rng: random.Random, field: Json, maker: _Maker) -> None:
    chance, kind = rng.random(), field["type"]
    if chance < 0.2:
        old, field["name"] = field["name"], rng.choice("zywab")
        if rng.random() < 0.6:
            field.setdefault("aliases", []).append(old)
    elif chance < 0.4:
        field["type"] = maker.schema(1)
    elif chance < 0.55:
        field["type"] = _WIDER.get(kind, kind) if isinstance(kind, str) else maker.schema(2)
    elif chance < 0.7:
        field["default"] = maker.default(kind)
    elif chance < 0.8:
        field.pop("default", None)
    elif chance < 0.9:
        field["type"] = ["null", kind] if not isinstance(kind, list) else kind[-1] if kind else "null"
    else:
        field["aliases"] = [rng.choice("abcdefgh")]


def _nodes(schema: Json) -> Iterator[Json]:
    yield schema
    if isinstance(schema, list):
        for branch in schema:
            yield from _nodes(branch)
    elif isinstance(schema, dict):
        for key in ("items", "values"):
            if key in schema:
                yield from _nodes(schema[key])
        for field in schema.get("fields", ()):
            yield field
            yield from _nodes(field["type"])


def _corrupted(rng: random.Random, schema: Json) -> Json:
    made = copy.deepcopy(schema)
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        holders = list(_holders(made))
        if not holders:
            return rng.choice(_JUNK)
        holder, junk = rng.choice(holders), copy.deepcopy(rng.choice(_JUNK))
        if isinstance(holder, list):
            holder[rng.randrange(len(holder))] = junk
        elif rng.random() < 0.5 or not holder:
            holder[rng.choice(_KEYS)] = junk
        elif rng.random() < 0.4:
            holder.pop(rng.choice(list(holder)))
        else:
            holder[rng.choice(list(holder))] = junk
    return made


def _holders(value: Json) -> Iterator[Json]:
    if isinstance(value, dict) or (isinstance(value, list) and value):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _holders(inner)
