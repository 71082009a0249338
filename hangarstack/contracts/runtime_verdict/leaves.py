"""Values worth trying for a part without parts: the smallest first, then those at which readers go wrong."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from typing import Any, Final

from hangarstack.contracts.schema import Enum, Fixed, Logical, Primitive

_FLOAT: Final = struct.Struct("<f")
_ALMOST_A_TENTH: Final = float(_FLOAT.unpack(_FLOAT.pack(0.1))[0])
_LARGEST_FLOAT: Final = float(_FLOAT.unpack(b"\xff\xff\x7f\x7f")[0])
_DAY_S: Final = 86_400
_MOMENT: Final = 1_700_000_000
_MOST_DIGITS: Final = 100

_PLAIN: Final[dict[str, tuple[Any, ...]]] = {
    "null": (None,),
    "boolean": (False, True),
    "int": (0, 2**24 + 1, -(2**31), 2**31 - 1),
    "long": (0, 2**24 + 1, 2**53 + 1, -(2**63), 2**63 - 1),
    "float": (0.0, _ALMOST_A_TENTH, -_LARGEST_FLOAT, float("inf"), float("nan")),
    "double": (0.0, 0.1, -1e300, float("inf"), float("nan")),
    "bytes": (b"", b"text", b"\xff\xfe"),
    "string": ("", "text", "\u00e9\u6f22\U0001f6e9"),
}
_TIMES: Final[dict[str, tuple[int, ...]]] = {
    "date": (0, 20_000, -1),
    "time-millis": (0, _DAY_S * 1000 - 1),
    "time-micros": (0, _DAY_S * 10**6 - 1),
    "millis": (0, _MOMENT * 1000 + 123, -1),
    "micros": (0, _MOMENT * 10**6 + 123_456, -1),
    "nanos": (0, _MOMENT * 10**9 + 123_456_789, -1),
}


def leaf_values(schema: Primitive | Enum | Fixed) -> Sequence[Any]:
    """Return values that a writer may write, at least one; none for an enum without symbols."""
    if isinstance(schema, Enum):
        return schema.symbols
    if isinstance(schema, Fixed):
        if schema.logical is not None and schema.logical.name == "decimal":
            return _decimals(schema.logical, lambda number: number.to_bytes(schema.size, "big", signed=True))
        return bytes(schema.size), b"\xff" * schema.size
    if schema.logical is None:
        return _PLAIN[schema.type]
    if schema.logical.name == "decimal":
        return _decimals(schema.logical, decimal_bytes)
    if schema.logical.name == "uuid":
        return "00000000-0000-0000-0000-000000000000", "01890a5d-ac96-774b-bcce-b302099a8057"
    if schema.logical.name == "big-decimal":
        return (b"\x02\x00\x00", b"\x04\x04\xd2\x04")
    return _TIMES.get(schema.logical.name) or _TIMES[schema.logical.name.rpartition("-")[2]]


def leaf_count(schema: Primitive | Enum | Fixed) -> int:
    """Return how many values ``leaf_values`` returns; those of a large fixed need not be made for that."""
    if isinstance(schema, Fixed):
        return 3 if schema.logical is not None and schema.logical.name == "decimal" else 2
    return len(leaf_values(schema))


def decimal_bytes(number: int) -> bytes:
    """Return the shortest two's complement of a number, highest byte first."""
    return number.to_bytes((number + (number < 0)).bit_length() // 8 + 1, "big", signed=True)


def _decimals(logical: Logical, encode: Callable[[int], bytes]) -> tuple[bytes, ...]:
    digits = min(logical.precision, _MOST_DIGITS)
    most = 10**digits - 1
    return tuple(encode(number) for number in dict.fromkeys((0, min(12_345, most), -most)))
