from __future__ import annotations

import pickle
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hangarstack.errors import EncodeError
from hangarstack.events.runtime.faults import FAULTS
from hangarstack.events.runtime.uuids import (
    WrittenUUID,
    read_fixed_uuid,
    read_uuid,
    uuid_text,
    write_fixed_uuid,
    write_uuid,
)
from hangarstack.events.runtime.writing import write_string

_CANONICAL = "019ac4a1-7c3b-7d10-8f0a-3b1f6f0c2a01"


def _written(value: UUID) -> bytes:
    out = bytearray()
    write_uuid(out, value)
    return bytes(out)


def _as_string(text: str) -> bytes:
    out = bytearray()
    write_string(out, text)
    return bytes(out)


@given(st.uuids())
def test_a_uuid_is_read_as_it_was_written(value: UUID) -> None:
    data = _written(value)
    read, end = read_uuid(data + b"rest", 0)
    assert data == _as_string(str(value))
    assert (read, end, type(read), read.is_safe) == (value, 37, UUID, value.is_safe)
    assert (str(read), hash(read), repr(read)) == (str(value), hash(value), repr(value))


def test_a_uuid_that_was_read_cannot_be_changed_and_can_be_pickled() -> None:
    read, _ = read_uuid(_written(UUID(_CANONICAL)), 0)
    with pytest.raises(TypeError):
        read.int = 5  # type: ignore[misc] # on purpose
    assert pickle.loads(pickle.dumps(read)) == read  # noqa: S301 # our own bytes


@given(st.uuids())
def test_a_uuid_fits_sixteen_bytes(value: UUID) -> None:
    out = bytearray()
    write_fixed_uuid(out, value, 16)
    assert out == value.bytes
    assert read_fixed_uuid(bytes(out), 0, 16) == (value, 16)


@pytest.mark.parametrize(
    "text",
    [
        _CANONICAL.upper(),
        _CANONICAL.replace("-", ""),
        f"{{{_CANONICAL}}}",
        f"urn:uuid:{_CANONICAL}",
        "019ac4a17c3b-7d10-8f0a-3b1f6f0c2a01-",
    ],
)
def test_a_uuid_in_another_form_keeps_its_text(text: str) -> None:
    read, end = read_uuid(_as_string(text), 0)
    assert (read, end) == (UUID(_CANONICAL), len(text) + 1)
    assert _written(read) == _as_string(text)


@pytest.mark.parametrize("text", ["", "s", "航空機", "g" * 36, _CANONICAL[:-1] + "_", _CANONICAL[:-1] + "+", "x" * 200])
def test_a_text_that_is_no_uuid_has_one_of_its_own_and_keeps_its_text(text: str) -> None:
    read = uuid_text(text)
    assert read == uuid_text(text)
    assert read != uuid_text(text + "!")
    assert _written(read_uuid(_as_string(text), 0)[0]) == _as_string(text)


def test_a_written_uuid_survives_pickling() -> None:
    loaded = pickle.loads(pickle.dumps(WrittenUUID("s")))  # noqa: S301 # our own bytes
    assert (loaded, loaded.text) == (WrittenUUID("s"), "s")


@pytest.mark.parametrize("value", [_CANONICAL, 5, None, UUID(_CANONICAL).bytes])
def test_what_is_no_uuid_is_refused(value: object) -> None:
    with pytest.raises(EncodeError, match="expected UUID"):
        write_uuid(bytearray(), value)  # type: ignore[arg-type] # on purpose
    with pytest.raises(EncodeError, match="expected UUID"):
        write_fixed_uuid(bytearray(), value, 16)  # type: ignore[arg-type] # on purpose


@pytest.mark.parametrize("length", range(37))
def test_bytes_that_end_within_a_uuid_are_refused(length: int) -> None:
    with pytest.raises(FAULTS):
        read_uuid(_written(UUID(_CANONICAL))[:length], 0)
