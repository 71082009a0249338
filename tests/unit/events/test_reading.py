from __future__ import annotations

import struct
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hangarstack.errors import DecodeError, ResolutionError
from hangarstack.events.runtime import reading
from hangarstack.events.runtime.faults import FAULTS
from hangarstack.events.runtime.skipping import skip_bytes, skip_varint
from hangarstack.events.runtime.writing import write_double, write_float, write_int, write_long, write_string


def _written(write: Callable[..., None], value: object) -> bytes:
    out = bytearray()
    write(out, value)
    return bytes(out)


@given(st.integers(-(2**63), 2**63 - 1))
def test_a_long_is_read_and_passed_over_as_it_was_written(value: int) -> None:
    data = _written(write_long, value)
    assert reading.read_long(b"x" + data + b"rest", 1) == (value, 1 + len(data))
    assert skip_varint(data + b"rest", 0) == len(data)


@given(st.integers(-(2**31), 2**31 - 1))
def test_an_int_is_read_as_it_was_written(value: int) -> None:
    data = _written(write_int, value)
    assert reading.read_int(data + b"rest", 0) == (value, len(data))


@given(st.text())
def test_a_string_is_read_and_passed_over_as_it_was_written(value: str) -> None:
    data = _written(write_string, value)
    assert reading.read_string(data + b"rest", 0) == (value, len(data))
    assert skip_bytes(data + b"rest", 0) == len(data)


@given(st.binary(min_size=4, max_size=4))
def test_every_float_keeps_its_bits(data: bytes) -> None:
    value, _ = reading.read_float(data, 0)
    assert _written(write_float, value) == data


@given(st.binary(min_size=8, max_size=8))
def test_every_double_keeps_its_bits(data: bytes) -> None:
    value, _ = reading.read_double(data, 0)
    assert _written(write_double, value) == data


def test_a_number_in_more_bytes_than_needed_is_read() -> None:
    assert reading.read_long(b"\x82\x80\x00", 0) == (1, 3)
    assert reading.read_int(b"\x82\x80\x00", 0) == (1, 3)


@pytest.mark.parametrize(
    "data",
    [b"\x80" * 10 + b"\x00", b"\xff" * 11, b"\xff" * 9 + b"\x02", b"\x80" * 9 + b"\x02"],
    ids=["eleven bytes", "no end", "65 bits", "bit 65 alone"],
)
def test_a_long_of_more_than_64_bits_is_refused(data: bytes) -> None:
    with pytest.raises(DecodeError, match="64 bits"):
        reading.read_long(data, 0)


@pytest.mark.parametrize("data", [b"\x80\x80\x80\x80\x10", b"\x81\x80\x80\x80\x10", b"\x80\x80\x80\x80\x80\x00"])
def test_an_int_of_more_than_32_bits_is_refused(data: bytes) -> None:
    with pytest.raises(DecodeError, match="32 bits"):
        reading.read_int(data, 0)


def test_passing_over_a_number_without_end_is_refused() -> None:
    with pytest.raises(DecodeError, match="64 bits"):
        skip_varint(b"\xff" * 20, 0)


@pytest.mark.parametrize("data", [b"", b"\x80", b"\x06ab", b"\x80\x02" + b"x" * 100, b"\xfe\xff\xff\xff\xff\x07ab"])
def test_bytes_that_end_within_a_string_are_refused(data: bytes) -> None:
    with pytest.raises(FAULTS):
        reading.read_string(data, 0)


@pytest.mark.parametrize("read", [reading.read_string, reading.read_bytes])
def test_a_negative_length_is_refused(read: Callable[[bytes, int], object]) -> None:
    with pytest.raises(DecodeError, match="negative"):
        read(b"\x01abc", 0)


def test_text_that_is_not_utf8_is_refused() -> None:
    with pytest.raises(UnicodeDecodeError):
        reading.read_string(b"\x02\xff", 0)


@pytest.mark.parametrize(("read", "size"), [(reading.read_float, 4), (reading.read_double, 8)])
def test_bytes_that_end_within_a_floating_point_number_are_refused(
    read: Callable[[bytes, int], object], size: int
) -> None:
    with pytest.raises(struct.error):
        read(bytes(size), 1)


def test_bytes_that_end_within_a_fixed_are_refused() -> None:
    with pytest.raises(IndexError):
        reading.read_fixed(b"abc", 1, 3)


def test_a_boolean_is_zero_or_one() -> None:
    assert (reading.read_boolean(b"\0", 0), reading.read_boolean(b"\1", 0)) == ((False, 1), (True, 1))
    with pytest.raises(DecodeError, match="boolean"):
        reading.read_boolean(b"\2", 0)


def test_an_enum_is_read_by_index() -> None:
    symbols = tuple(range(100))
    assert reading.read_enum(b"\x06", 0, symbols) == (3, 1)
    assert reading.read_enum(b"\xc6\x01", 0, symbols) == (99, 2)


@pytest.mark.parametrize("data", [b"\x06", b"\x01", b"\xc6\x01"])
def test_an_index_that_is_no_symbol_is_refused(data: bytes) -> None:
    with pytest.raises(DecodeError, match="no symbol"):
        reading.read_enum(data, 0, ("A", "B", "C"))


def test_a_symbol_that_the_reader_does_not_know_cannot_be_resolved() -> None:
    assert reading.read_known_enum(b"\x02", 0, (None, "B"), "Color") == ("B", 1)
    with pytest.raises(ResolutionError, match="Color"):
        reading.read_known_enum(b"\x00", 0, (None, "B"), "Color")


def test_a_block_tells_its_items_with_or_without_its_size() -> None:
    assert reading.read_block(b"\x04ab", 0) == (2, 1)
    assert reading.read_block(b"\x03\x04ab", 0) == (2, 2)


@pytest.mark.parametrize(
    "data",
    [
        b"\x06ab",
        b"\x03\x06ab",
        b"\x03\x01ab",
        b"\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01" + b"x" * 50,
        b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x00",
    ],
    ids=["too few bytes", "size too large", "size negative", "2**63-1 items", "-2**63 items"],
)
def test_a_block_that_announces_more_than_there_is_does_not_cost_memory(data: bytes) -> None:
    def items() -> list[int]:
        count, pos = reading.read_block(data, 0)
        return [data[pos + index] for index in range(count)]

    with pytest.raises(FAULTS):
        items()


def test_items_that_take_no_bytes_are_bounded_by_their_number() -> None:
    assert reading.read_empty_block(b"\x04", 0, 0) == (2, 1)
    with pytest.raises(DecodeError, match="no bytes"):
        reading.read_empty_block(b"\x04", 0, reading.MAX_EMPTY_ITEMS - 1)


def test_the_end_of_an_array_takes_one_byte() -> None:
    with pytest.raises(DecodeError, match="end of an array"):
        reading.read_block(b"\x80\x00", 0)
