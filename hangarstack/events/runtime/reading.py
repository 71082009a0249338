"""Reading Avro's primitive types.

Each function takes the body and the position of a value and returns the value and the position after it. Beyond the
end of the body they raise IndexError or ``struct.error``, which generated code turns into a DecodeError (``faults``).
"""

from __future__ import annotations

import struct
from typing import Final, TypeVar

from hangarstack.errors import DecodeError, ResolutionError

S = TypeVar("S")

MAX_EMPTY_ITEMS: Final = 1_000
"""Items of an array that take no bytes (null, a fixed of size 0, a record of such): only their count bounds them, so
it is bounded itself."""

_INT_BYTES: Final = 5
_LONG_BITS: Final = 64
_FLOAT: Final = struct.Struct("<f")
_DOUBLE: Final = struct.Struct("<d")
_FLOAT_BITS: Final = struct.Struct("<I")
_DOUBLE_BITS: Final = struct.Struct("<Q")


def read_boolean(body: bytes, pos: int) -> tuple[bool, int]:
    """Read one byte, 0 or 1."""
    byte = body[pos]
    if byte > 1:
        raise DecodeError(f"a boolean is 0 or 1, not {byte}")
    return byte == 1, pos + 1


def read_long(body: bytes, pos: int) -> tuple[int, int]:
    """Read a zigzag number of at most 64 bits in at most ten bytes."""
    byte = body[pos]
    pos += 1
    if byte < 0x80:
        return (byte >> 1) ^ -(byte & 1), pos
    bits = byte & 0x7F
    shift = 7
    while byte > 0x7F:
        byte = body[pos]
        pos += 1
        bits |= (byte & 0x7F) << shift
        shift += 7
        if shift > _LONG_BITS and bits >> _LONG_BITS | byte & 0x80:
            raise DecodeError("the number has more than 64 bits")
    return (bits >> 1) ^ -(bits & 1), pos


def read_int(body: bytes, pos: int) -> tuple[int, int]:
    """Read a zigzag number of at most 32 bits in at most five bytes."""
    byte = body[pos]
    if byte < 0x80:
        return (byte >> 1) ^ -(byte & 1), pos + 1
    value, end = read_long(body, pos)
    if end > pos + _INT_BYTES or not -0x8000_0000 <= value <= 0x7FFF_FFFF:
        raise DecodeError("the number has more than 32 bits")
    return value, end


def read_length(body: bytes, pos: int) -> tuple[int, int]:
    """Read the length of a string or of bytes, and check that the body has as many."""
    length, pos = read_long(body, pos)
    if length < 0:
        raise DecodeError(f"the length {length} is negative")
    if length > len(body) - pos:
        raise DecodeError(f"the bytes end within the value: {length} announced, {len(body) - pos} left")
    return length, pos


def read_bytes(body: bytes, pos: int) -> tuple[bytes, int]:
    """Read a length and as many bytes."""
    length, pos = read_length(body, pos)
    end = pos + length
    return body[pos:end], end


def read_string(body: bytes, pos: int) -> tuple[str, int]:
    """Read a length and as many bytes of UTF-8."""
    length = body[pos]
    if length & 0x81:
        length, pos = read_length(body, pos)
        end = pos + length
    else:
        pos += 1
        end = pos + (length >> 1)
        if end > len(body):
            raise IndexError
    return body[pos:end].decode(), end


def read_fixed(body: bytes, pos: int, size: int) -> tuple[bytes, int]:
    """Read so many bytes."""
    end = pos + size
    if end > len(body):
        raise IndexError
    return body[pos:end], end


def read_float(body: bytes, pos: int) -> tuple[float, int]:
    """Read four bytes; what a NaN carries is kept."""
    value: float = _FLOAT.unpack_from(body, pos)[0]
    if value != value:
        value = _wide_nan(_FLOAT_BITS.unpack_from(body, pos)[0])
    return value, pos + 4


def read_double(body: bytes, pos: int) -> tuple[float, int]:
    """Read eight bytes; what a NaN carries is kept."""
    value: float = _DOUBLE.unpack_from(body, pos)[0]
    return value, pos + 8


def _wide_nan(bits: int) -> float:
    """Return the 64-bit NaN with the sign and payload of a 32-bit one, without the processor's quieting it."""
    sign, payload = bits & 0x8000_0000, bits & 0x7F_FFFF
    value: float = _DOUBLE.unpack(_DOUBLE_BITS.pack(sign << 32 | 0x7FF << 52 | payload << 29))[0]
    return value


def read_enum(body: bytes, pos: int, symbols: tuple[S, ...]) -> tuple[S, int]:
    """Read an index into the writer's symbols.

    Args:
        symbols: for each symbol of the writer what the reader takes for it.
    """
    index = body[pos]
    if index & 0x81:
        index, pos = read_int(body, pos)
    else:
        index >>= 1
        pos += 1
    if not 0 <= index < len(symbols):
        raise DecodeError(f"there is no symbol {index}, only {len(symbols)}")
    return symbols[index], pos


def read_known_enum(body: bytes, pos: int, symbols: tuple[S | None, ...], enum: str) -> tuple[S, int]:
    """Read an index into the writer's symbols, some of which the reader does not know.

    Args:
        symbols: for each symbol of the writer what the reader takes for it, or ``None``.
        enum: name of the reader's enum.

    Raises:
        ResolutionError: the reader does not know the symbol and has no default.
    """
    symbol, pos = read_enum(body, pos, symbols)
    if symbol is None:
        raise ResolutionError(f"the writer's symbol is unknown to {enum}, which has no default")
    return symbol, pos


def read_count(body: bytes, pos: int) -> tuple[int, int]:
    """Read the number of items in the next block of an array or a map, where the byte is not the 0 that ends it.

    A negative number is followed by the size of the block in bytes, which nobody here needs.
    """
    count, pos = read_long(body, pos)
    if count < 0:
        count = -count
        size, pos = read_long(body, pos)
        if not 0 <= size <= len(body) - pos:
            raise DecodeError(f"a block of {size} bytes where {len(body) - pos} are left")
    if count == 0:
        raise DecodeError("the end of an array or a map takes more than one byte")
    return count, pos


def read_block(body: bytes, pos: int) -> tuple[int, int]:
    """As ``read_count``, for items that take a byte or more: there cannot be more of them than bytes."""
    count = body[pos]
    if not count & 0x81:
        return count >> 1, pos + 1
    count, pos = read_count(body, pos)
    if count > len(body) - pos:
        raise DecodeError(f"the bytes end within the value: {count} items announced, {len(body) - pos} bytes left")
    return count, pos


def read_empty_block(body: bytes, pos: int, before: int) -> tuple[int, int]:
    """As ``read_count``, for the items of an array that take no bytes.

    Args:
        before: items in the blocks before it.
    """
    count, pos = read_count(body, pos)
    if count + before > MAX_EMPTY_ITEMS:
        raise DecodeError(f"more than {MAX_EMPTY_ITEMS} items that take no bytes")
    return count, pos


def unknown_branch(byte: int, branches: int) -> DecodeError:
    """Return the error of a union whose index is none of its branches."""
    return DecodeError(f"there is no branch at index byte {byte}, only {branches} branches")
