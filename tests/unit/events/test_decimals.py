from __future__ import annotations

import pickle
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hangarstack.errors import EncodeError
from hangarstack.events.runtime.decimals import (
    WrittenDecimal,
    decimal_of,
    read_decimal,
    read_fixed_decimal,
    write_decimal,
    write_fixed_decimal,
)
from hangarstack.events.runtime.faults import FAULTS
from hangarstack.events.runtime.writing import write_bytes


def _written(value: Decimal, precision: int, scale: int) -> bytes:
    out = bytearray()
    write_decimal(out, value, precision, scale)
    return bytes(out)


@given(st.integers(-(10**30) + 1, 10**30 - 1), st.integers(0, 30))
def test_a_decimal_is_read_as_it_was_written_whatever_the_context(unscaled: int, scale: int) -> None:
    value = Decimal(f"{unscaled}E-{scale}")
    data = _written(value, 30, scale)
    read, end = read_decimal(data, 0, 30, scale)
    assert (read, end, type(read)) == (value, len(data), Decimal)
    assert read.as_tuple() == value.as_tuple()


@pytest.mark.parametrize(
    ("value", "data"),
    [
        ("0", "00"),
        ("1.27", "7f"),
        ("1.28", "0080"),
        ("-1.28", "80"),
        ("-1.29", "ff7f"),
        ("100", "2710"),
        ("5E+1", "1388"),
    ],
)
def test_a_decimal_takes_the_fewest_bytes(value: str, data: str) -> None:
    assert _written(Decimal(value), 9, 2)[1:].hex() == data


@given(st.binary(max_size=40))
def test_any_bytes_are_written_again_as_they_were_read(unscaled: bytes) -> None:
    out = bytearray()
    write_bytes(out, unscaled)
    value, _ = read_decimal(bytes(out), 0, 9, 2)
    assert _written(value, 9, 2) == bytes(out)


@given(st.binary(min_size=8, max_size=8))
def test_any_fixed_is_written_again_as_it_was_read(unscaled: bytes) -> None:
    value, end = read_fixed_decimal(unscaled, 0, 8, 9, 2)
    out = bytearray()
    write_fixed_decimal(out, value, 8, 9, 2)
    assert (bytes(out), end) == (unscaled, 8)


def test_a_decimal_beyond_its_precision_keeps_its_value_and_survives_pickling() -> None:
    value = decimal_of((10**12).to_bytes(6, "big"), 9, 2)
    assert isinstance(value, WrittenDecimal)
    loaded = pickle.loads(pickle.dumps(value))  # noqa: S301 # our own bytes
    assert (loaded, loaded.unscaled) == (Decimal("10000000000.00"), value.unscaled)


def test_a_written_decimal_in_a_field_of_another_scale_is_written_by_its_value() -> None:
    value = decimal_of(b"\0\1", 9, 2)
    assert _written(value, 9, 3)[1:].hex() == "0a"


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (Decimal("0.001"), "3 digits after the point"),
        (Decimal(10**9), "more than the 9 digits"),
        (Decimal("1E+1000000"), "more than the 9 digits"),
        (Decimal("NaN"), "finite"),
        (Decimal("Infinity"), "finite"),
        (1.5, "expected Decimal, not float"),
        (5, "expected Decimal, not int"),
    ],
)
def test_a_decimal_that_does_not_fit_is_refused(value: Decimal, why: str) -> None:
    with pytest.raises(EncodeError, match=why):
        _written(value, 9, 2)
    with pytest.raises(EncodeError, match=why):
        write_fixed_decimal(bytearray(), value, 4, 9, 2)


def test_a_decimal_too_large_for_its_fixed_is_refused() -> None:
    with pytest.raises(OverflowError):
        write_fixed_decimal(bytearray(), Decimal("9999999.99"), 2, 9, 2)


def test_a_decimal_of_thousands_of_digits_is_refused_at_once() -> None:
    out = bytearray()
    write_bytes(out, b"\x7f" * 1_000_000)
    with pytest.raises(FAULTS):
        read_decimal(bytes(out), 0, 9, 2)
