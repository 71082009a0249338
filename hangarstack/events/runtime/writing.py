"""Writing Avro's primitive types.

Each function appends a value to the body, or raises what generated code turns into an EncodeError (``faults``).
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from enum import StrEnum
from typing import Final, TypeVar

from hangarstack.errors import EncodeError
from hangarstack.events.runtime.faults import wrong_type
from hangarstack.events.runtime.reading import MAX_EMPTY_ITEMS
from hangarstack.events.runtime.texts import WrittenText

_FLOAT: Final = struct.Struct("<f")
_DOUBLE: Final = struct.Struct("<d")
_FLOAT_BITS: Final = struct.Struct("<I")
_DOUBLE_BITS: Final = struct.Struct("<Q")

E = TypeVar("E", bound=StrEnum)

_utf8: Final = str.encode


def write_varint(out: bytearray, bits: int) -> None:
    """Append a number that is not negative, seven bits a byte, lowest first."""
    while bits > 0x7F:
        out.append(bits & 0x7F | 0x80)
        bits >>= 7
    out.append(bits)


def write_boolean(out: bytearray, value: bool) -> None:
    """Append a byte, 0 or 1."""
    if value is True:
        out.append(1)
    elif value is False:
        out.append(0)
    else:
        raise wrong_type(value, "bool")


def write_int(out: bytearray, value: int) -> None:
    """Append a number of 32 bits."""
    if value.__class__ is not int:
        value = _plain_int(value)
    if not -0x8000_0000 <= value <= 0x7FFF_FFFF:
        raise EncodeError("the number is out of range: an int has 32 bits")
    bits = value << 1 ^ value >> 31
    while bits > 0x7F:
        out.append(bits & 0x7F | 0x80)
        bits >>= 7
    out.append(bits)


def write_long(out: bytearray, value: int) -> None:
    """Append a number of 64 bits."""
    if value.__class__ is not int:
        value = _plain_int(value)
    if not -0x8000_0000_0000_0000 <= value <= 0x7FFF_FFFF_FFFF_FFFF:
        raise EncodeError("the number is out of range: a long has 64 bits")
    bits = value << 1 ^ value >> 63
    while bits > 0x7F:
        out.append(bits & 0x7F | 0x80)
        bits >>= 7
    out.append(bits)


def _plain_int(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return int(value)
    raise wrong_type(value, "int")


def write_float(out: bytearray, value: float) -> None:
    """Append four bytes: the nearest float; what a NaN carries is kept."""
    if value.__class__ is not float:
        value = _plain_float(value)
    if value != value:
        bits = _DOUBLE_BITS.unpack(_DOUBLE.pack(value))[0]
        out += _FLOAT_BITS.pack(_narrow_nan(bits))
    else:
        out += _FLOAT.pack(value)


def write_double(out: bytearray, value: float) -> None:
    """Append eight bytes."""
    if value.__class__ is not float:
        value = _plain_float(value)
    out += _DOUBLE.pack(value)


def _plain_float(value: object) -> float:
    if isinstance(value, float | int) and not isinstance(value, bool):
        return float(value)
    raise wrong_type(value, "float")


def _narrow_nan(bits: int) -> int:
    """Return the bits of the 32-bit NaN with the sign and the upper payload of a 64-bit one."""
    payload = bits >> 29 & 0x7F_FFFF
    return bits >> 32 & 0x8000_0000 | 0x7F80_0000 | (payload or 0x40_0000)


def write_string(out: bytearray, value: str) -> None:
    """Append a length and UTF-8."""
    data = _utf8(value) if value.__class__ is str else _data_of(value)
    length = len(data)
    if length < 64:
        out.append(length << 1)
    else:
        write_varint(out, length << 1)
    out += data


def _data_of(value: object) -> bytes:
    if isinstance(value, WrittenText):
        return value.data
    if isinstance(value, str):
        return _utf8(value)
    raise wrong_type(value, "str")


def write_bytes(out: bytearray, value: bytes) -> None:
    """Append a length and the bytes."""
    if not isinstance(value, bytes):
        raise wrong_type(value, "bytes")
    write_varint(out, len(value) << 1)
    out += value


def write_fixed(out: bytearray, value: bytes, size: int) -> None:
    """Append exactly so many bytes."""
    if not isinstance(value, bytes):
        raise wrong_type(value, "bytes")
    if len(value) != size:
        raise EncodeError(f"expected {size} bytes, not {len(value)}")
    out += value


def indexes(enum: type[E]) -> dict[E, int]:
    """Return the index of each symbol of an enum, as ``write_enum`` wants them."""
    return {symbol: index for index, symbol in enumerate(enum)}


def write_enum(out: bytearray, value: E, enum: type[E], index: dict[E, int]) -> None:
    """Append the index of a symbol.

    Args:
        enum: of which the value is; a member of another enum with the same text is refused.
        index: of each member.
    """
    if value.__class__ is not enum:
        raise wrong_type(value, enum.__name__)
    write_varint(out, index[value] << 1)


def start_array(out: bytearray, items: tuple[object, ...]) -> None:
    """Append the number of items, unless there are none; the caller appends the items, then a zero byte."""
    if items.__class__ is not tuple:
        raise wrong_type(items, "tuple")
    if items:
        write_varint(out, len(items) << 1)


def start_empty_array(out: bytearray, items: tuple[object, ...]) -> None:
    """As ``start_array``, for items that take no bytes: no more of them than a reader accepts."""
    start_array(out, items)
    if len(items) > MAX_EMPTY_ITEMS:
        raise EncodeError(f"more than {MAX_EMPTY_ITEMS} items that take no bytes")


def start_map(out: bytearray, items: Mapping[str, object]) -> None:
    """Append the number of entries, unless there are none; the caller appends the entries, then a zero byte."""
    if not isinstance(items, dict):
        raise wrong_type(items, "a mapping")
    if items:
        write_varint(out, len(items) << 1)


def write_nothing(value: object) -> None:
    """Refuse a value of a union without branches."""
    raise wrong_type(value, "nothing: the union has no branch")
