"""UUIDs, as text and as sixteen bytes."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID, SafeUUID

from hangarstack.errors import DecodeError
from hangarstack.events.runtime.faults import wrong_type
from hangarstack.events.runtime.reading import read_fixed, read_string

_TEXT_LENGTH: Final = 36
_LENGTH_BYTE: Final = _TEXT_LENGTH << 1
_DASHES: Final = b"----"

# UUID's constructor looks at each of five ways to be called; half of the time to decode an event went there.
_fields: Final[dict[str, Any]] = dict(vars(UUID))
_set_int: Final = _fields["int"].__set__
_set_safe: Final = _fields["is_safe"].__set__


def _of_int(number: int) -> UUID:
    value = UUID.__new__(UUID)
    _set_int(value, number)
    _set_safe(value, SafeUUID.unknown)
    return value


def uuid_text(text: str) -> UUID:
    """Return the UUID that a text holds, in any form that Python's ``UUID`` takes.

    Raises:
        DecodeError: it holds none.
    """
    try:
        return UUID(text)
    except ValueError:
        raise DecodeError("the text is not a UUID") from None


def uuid_bytes(data: bytes) -> UUID:
    """Return the UUID of sixteen bytes."""
    return _of_int(int.from_bytes(data, "big"))


def read_uuid(body: bytes, pos: int) -> tuple[UUID, int]:
    """Read a string; see ``uuid_text``."""
    end = pos + 1 + _TEXT_LENGTH
    text = body[pos + 1 : end]
    if body[pos] == _LENGTH_BYTE and text[8:24:5] == _DASHES:
        digits = text.replace(b"-", b"")
        if len(digits) == 32 and digits.isalnum():
            return _of_int(int(digits, 16)), end
    other, end = read_string(body, pos)
    return uuid_text(other), end


def read_fixed_uuid(body: bytes, pos: int, size: int) -> tuple[UUID, int]:
    """Read sixteen bytes."""
    data, pos = read_fixed(body, pos, size)
    return uuid_bytes(data), pos


def write_uuid(out: bytearray, value: UUID) -> None:
    """Append a string: the length and the canonical text."""
    if not isinstance(value, UUID):
        raise wrong_type(value, "UUID")
    digits = value.hex
    out.append(_LENGTH_BYTE)
    out += f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}".encode()


def write_fixed_uuid(out: bytearray, value: UUID, _size: int) -> None:
    """Append sixteen bytes."""
    if not isinstance(value, UUID):
        raise wrong_type(value, "UUID")
    out += value.bytes
