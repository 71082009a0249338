"""Reading a number as a wider type, with the rounding that Java does."""

from __future__ import annotations

import struct
from typing import Final

from hangarstack.events.runtime.reading import read_float, read_int, read_long

_FLOAT: Final = struct.Struct("<f")
_FLOAT_DIGITS: Final = 24
_DOUBLE_BITS: Final = struct.Struct("<Q")
_DOUBLE: Final = struct.Struct("<d")
_QUIET: Final = 1 << 51


def read_int_as_float(body: bytes, pos: int) -> tuple[float, int]:
    """Read an int and round it to the nearest float, ties to even."""
    value, pos = read_int(body, pos)
    return nearest_float(value), pos


def read_long_as_float(body: bytes, pos: int) -> tuple[float, int]:
    """Read a long and round it to the nearest float, ties to even."""
    value, pos = read_long(body, pos)
    return nearest_float(value), pos


def read_int_as_double(body: bytes, pos: int) -> tuple[float, int]:
    """Read an int as a double, which holds every int."""
    value, pos = read_int(body, pos)
    return float(value), pos


def read_long_as_double(body: bytes, pos: int) -> tuple[float, int]:
    """Read a long and round it to the nearest double, ties to even."""
    value, pos = read_long(body, pos)
    return float(value), pos


def read_float_as_double(body: bytes, pos: int) -> tuple[float, int]:
    """Read a float as a double, which holds every float; a signalling NaN becomes quiet, as processors do it."""
    value, pos = read_float(body, pos)
    if value != value:
        value = _DOUBLE.unpack(_DOUBLE_BITS.pack(_DOUBLE_BITS.unpack(_DOUBLE.pack(value))[0] | _QUIET))[0]
    return value, pos


def nearest_float(value: int) -> float:
    """Return the 32-bit float nearest to an integer, ties to even.

    Rounding to a double first, as ``float()`` does, would round twice.
    """
    excess = value.bit_length() - _FLOAT_DIGITS
    if excess <= 0:
        return float(value)
    half = 1 << excess - 1
    kept, rest = divmod(abs(value), 1 << excess)
    if rest > half or (rest == half and kept & 1):
        kept += 1
    return float((kept << excess) * (1 if value > 0 else -1))
