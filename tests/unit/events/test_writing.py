from __future__ import annotations

import enum
from collections.abc import Callable
from typing import Any

import pytest

from hangarstack.errors import EncodeError
from hangarstack.events.runtime import writing


class _Color(enum.StrEnum):
    RED = "RED"


class _Mood(enum.StrEnum):
    RED = "RED"


class _Number(enum.IntEnum):
    ONE = 1


@pytest.mark.parametrize(
    ("write", "value"),
    [
        (writing.write_boolean, 1),
        (writing.write_int, True),
        (writing.write_int, 1.0),
        (writing.write_long, "1"),
        (writing.write_float, True),
        (writing.write_float, "1"),
        (writing.write_double, None),
        (writing.write_string, b"bytes"),
        (writing.write_string, None),
        (writing.write_bytes, "text"),
        (writing.start_array, [1]),
        (writing.start_array, "text"),
        (writing.start_map, [("a", 1)]),
        (writing.write_nothing, None),
    ],
)
def test_a_value_of_another_type_is_refused(write: Callable[..., None], value: Any) -> None:
    args = (value,) if write is writing.write_nothing else (bytearray(), value)
    with pytest.raises(EncodeError, match="expected"):
        write(*args)


@pytest.mark.parametrize("value", [2**31, -(2**31) - 1])
def test_an_int_has_32_bits(value: int) -> None:
    with pytest.raises(EncodeError, match="32 bits"):
        writing.write_int(bytearray(), value)


@pytest.mark.parametrize("value", [2**63, -(2**63) - 1])
def test_a_long_has_64_bits(value: int) -> None:
    with pytest.raises(EncodeError, match="64 bits"):
        writing.write_long(bytearray(), value)


def test_a_number_beyond_the_largest_float_is_refused() -> None:
    with pytest.raises(OverflowError):
        writing.write_float(bytearray(), 1e39)


@pytest.mark.parametrize("write", [writing.write_double, writing.write_float])
def test_an_integer_is_a_floating_point_number_too(write: Callable[[bytearray, float], None]) -> None:
    one, other = bytearray(), bytearray()
    write(one, 3)
    write(other, 3.0)
    assert one == other


def test_a_subclass_of_int_or_str_is_written_by_its_value() -> None:
    out = bytearray()
    writing.write_int(out, _Number.ONE)
    writing.write_string(out, _Color.RED)
    assert out == b"\x02\x06RED"


def test_a_lone_surrogate_is_refused() -> None:
    with pytest.raises(UnicodeEncodeError):
        writing.write_string(bytearray(), "\ud800")


def test_a_fixed_has_its_size() -> None:
    out = bytearray()
    writing.write_fixed(out, b"ab", 2)
    assert out == b"ab"
    with pytest.raises(EncodeError, match="expected 2 bytes, not 3"):
        writing.write_fixed(out, b"abc", 2)


def test_a_symbol_of_another_enum_with_the_same_text_is_refused() -> None:
    index = writing.indexes(_Color)
    out = bytearray()
    writing.write_enum(out, _Color.RED, _Color, index)
    assert out == b"\0"
    other: Any = _Mood.RED
    with pytest.raises(EncodeError, match="expected _Color, not _Mood"):
        writing.write_enum(out, other, _Color, index)
