"""Random records of a schema, in bytes: with the numbers, texts and floats at which codecs fail."""

from __future__ import annotations

import random
import struct
from typing import Any, Final

from hangarstack.contracts.schema import parse_schema

Json = Any

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


def bodies(rng: random.Random, schema: Json, count: int) -> list[bytes]:
    """Return random records; maps have one entry at most, because their order is nobody's.

    Raises:
        RecursionError: the schema holds itself without a way out.
        ValueError: it has an enum or a union from which nothing can be chosen.
    """
    return [RandomBody(rng, schema).written() for _ in range(count)]


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

    def written(self) -> bytes:
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
                self._text(
                    "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:])).encode()
                    if canonical
                    else text.encode()
                )

    def _logical_int(self, logical: str) -> int:
        scale = 1000 if logical.endswith("millis") else 1_000_000
        if logical == "date":
            return self._rng.randrange(-700_000, 2_900_000)
        if logical.startswith("time-"):
            return self._rng.randrange(86_400 * scale)
        return self._rng.randrange(-60_000_000_000, 250_000_000_000) * scale + self._rng.randrange(scale)
