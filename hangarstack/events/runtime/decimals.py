"""Decimals: an unscaled integer in two's complement, big end first, in bytes or in a fixed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hangarstack.errors import EncodeError
from hangarstack.events.runtime.faults import wrong_type
from hangarstack.events.runtime.reading import read_bytes, read_fixed
from hangarstack.events.runtime.writing import write_bytes, write_fixed


class WrittenDecimal(Decimal):
    """A decimal in a form that this code would not write: more digits than the precision, or more bytes than needed.

    It keeps its bytes, so an event that is decoded and encoded again is the same event.
    """

    __slots__ = ("unscaled",)
    unscaled: bytes

    def __reduce__(self) -> Any:
        return _written, (Decimal(self), self.unscaled)


def _written(value: Decimal, unscaled: bytes) -> WrittenDecimal:
    written = WrittenDecimal(value)
    written.unscaled = unscaled
    return written


def decimal_of(unscaled: bytes, precision: int, scale: int) -> Decimal:
    """Return the decimal that bytes hold.

    Args:
        unscaled: two's complement, big end first; no bytes are zero.
        precision: digits that the schema allows, 1 or more.
        scale: digits after the point, 0 or more.

    Raises:
        ValueError: more digits than Python turns into text (4,300).
    """
    number = int.from_bytes(unscaled, "big", signed=True)
    digits = str(number)
    value = Decimal(f"{digits}E-{scale}")
    if len(unscaled) != _minimal_size(number) or len(digits.lstrip("-")) > precision:
        return _written(value, unscaled)
    return value


def fixed_decimal_of(unscaled: bytes, precision: int, scale: int) -> Decimal:
    """As ``decimal_of``, for a fixed, which has as many bytes as its schema says."""
    digits = str(int.from_bytes(unscaled, "big", signed=True))
    value = Decimal(f"{digits}E-{scale}")
    return _written(value, unscaled) if len(digits.lstrip("-")) > precision else value


def read_decimal(body: bytes, pos: int, precision: int, scale: int) -> tuple[Decimal, int]:
    """Read bytes; see ``decimal_of``."""
    unscaled, pos = read_bytes(body, pos)
    return decimal_of(unscaled, precision, scale), pos


def read_fixed_decimal(body: bytes, pos: int, size: int, precision: int, scale: int) -> tuple[Decimal, int]:
    """Read so many bytes; see ``decimal_of``."""
    unscaled, pos = read_fixed(body, pos, size)
    return fixed_decimal_of(unscaled, precision, scale), pos


def write_decimal(out: bytearray, value: Decimal, precision: int, scale: int) -> None:
    """Append a length and the fewest bytes that hold the unscaled value."""
    if isinstance(value, WrittenDecimal) and value.as_tuple().exponent == -scale:
        write_bytes(out, value.unscaled)
        return
    number = _unscaled(value, precision, scale)
    write_bytes(out, number.to_bytes(_minimal_size(number), "big", signed=True))


def write_fixed_decimal(out: bytearray, value: Decimal, size: int, precision: int, scale: int) -> None:
    """Append exactly so many bytes."""
    if isinstance(value, WrittenDecimal) and value.as_tuple().exponent == -scale:
        write_fixed(out, value.unscaled, size)
        return
    out += _unscaled(value, precision, scale).to_bytes(size, "big", signed=True)


def _unscaled(value: Decimal, precision: int, scale: int) -> int:
    if not isinstance(value, Decimal):
        raise wrong_type(value, "Decimal")
    sign, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int):
        raise EncodeError("the decimal is not a finite number")
    if exponent + scale < 0:
        raise EncodeError(
            f"the decimal has {-exponent} digits after the point, the schema {scale}",
            remedy="Round it with .quantize()",
        )
    if value and len(digits) + exponent + scale > precision:
        raise EncodeError(f"the decimal needs more than the {precision} digits that the schema has")
    return int(Decimal((sign, digits, 0))) * 10 ** (exponent + scale) if value else 0


def _minimal_size(number: int) -> int:
    magnitude = number if number >= 0 else -number - 1
    return magnitude.bit_length() // 8 + 1
