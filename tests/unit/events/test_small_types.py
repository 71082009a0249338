from __future__ import annotations

import pickle
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hangarstack.errors import EncodeError
from hangarstack.events.runtime import Branch, Duration, promoting
from hangarstack.events.runtime.durations import duration_of, read_duration, write_duration
from hangarstack.events.runtime.texts import WrittenText, read_bytes_as_string
from hangarstack.events.runtime.writing import write_bytes, write_int, write_long, write_string

_UNSIGNED = st.integers(0, 2**32 - 1)


@given(_UNSIGNED, _UNSIGNED, _UNSIGNED)
def test_a_duration_is_read_as_it_was_written(months: int, days: int, millis: int) -> None:
    value = Duration(months=months, days=days, millis=millis)
    out = bytearray()
    write_duration(out, value, 12)
    assert read_duration(bytes(out), 0, 12) == (value, 12)
    assert duration_of(bytes(out)) == value


def test_a_part_of_a_duration_that_does_not_fit_is_refused() -> None:
    with pytest.raises(struct.error):
        write_duration(bytearray(), Duration(days=-1), 12)
    with pytest.raises(EncodeError, match="expected Duration"):
        write_duration(bytearray(), 5, 12)  # type: ignore[arg-type] # on purpose


def test_branches_are_equal_when_their_names_and_values_are() -> None:
    assert Branch("int", 5) == Branch("int", 5)
    assert Branch("int", 5) != Branch("long", 5)
    assert pickle.loads(pickle.dumps(Branch("int", 5))) == Branch("int", 5)  # noqa: S301 # our own bytes


@given(st.binary(max_size=20))
def test_bytes_that_became_a_string_are_written_again_as_they_were(data: bytes) -> None:
    out = bytearray()
    write_bytes(out, data)
    text, end = read_bytes_as_string(bytes(out), 0)
    again = bytearray()
    write_string(again, text)
    assert (again, end) == (out, len(out))
    text.encode()  # whoever stores it meets no lone surrogate


def test_a_written_text_survives_pickling() -> None:
    loaded = pickle.loads(pickle.dumps(WrittenText(b"a\xff")))  # noqa: S301 # our own bytes
    assert (loaded, loaded.data) == ("a\N{REPLACEMENT CHARACTER}", b"a\xff")


@pytest.mark.parametrize(
    ("number", "nearest"),
    [
        (2**24 + 1, 2**24),
        (2**24 + 3, 2**24 + 4),
        (-(2**24) - 1, -(2**24)),
        (2**63 - 1, 2**63),
        (9007199791611905, 9007200328482816),  # rounding to a double first would give 9007199254740992
        (5, 5),
        (0, 0),
    ],
)
def test_a_long_becomes_the_nearest_float_in_one_rounding(number: int, nearest: int) -> None:
    out = bytearray()
    write_long(out, number)
    value, _ = promoting.read_long_as_float(bytes(out), 0)
    assert value == nearest


@given(st.integers(-(2**31), 2**31 - 1))
def test_an_int_promotes_to_float_and_double(number: int) -> None:
    out = bytearray()
    write_int(out, number)
    assert promoting.read_int_as_double(bytes(out), 0)[0] == number
    nearest = struct.unpack("<f", struct.pack("<f", number))[0]
    assert promoting.read_int_as_float(bytes(out), 0)[0] == nearest


def test_a_long_promotes_to_the_nearest_double() -> None:
    out = bytearray()
    write_long(out, 9007199254740993)
    assert promoting.read_long_as_double(bytes(out), 0)[0] == 9007199254740992.0


@pytest.mark.parametrize(("data", "bits"), [("010080ff", "000000200000f8ff"), ("0100c07f", "000000200000f87f")])
def test_a_float_that_is_not_a_number_keeps_sign_and_payload_as_a_double_and_turns_quiet(data: str, bits: str) -> None:
    value, _ = promoting.read_float_as_double(bytes.fromhex(data), 0)
    assert struct.pack("<d", value).hex() == bits


def test_a_float_promotes_exactly() -> None:
    assert promoting.read_float_as_double(struct.pack("<f", -0.0), 0)[0].hex() == (-0.0).hex()
    assert promoting.read_float_as_double(struct.pack("<f", 0.1), 0)[0] == 0.10000000149011612
