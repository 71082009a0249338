"""UUIDs, as text and as sixteen bytes."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID, SafeUUID, uuid5

from hangarstack.events.runtime.faults import wrong_type
from hangarstack.events.runtime.reading import read_fixed, read_string
from hangarstack.events.runtime.writing import write_string

_TEXT_LENGTH: Final = 36
_LENGTH_BYTE: Final = _TEXT_LENGTH << 1
_DASHES: Final = b"----"
_DIGITS: Final = 32

_new: Final = object.__new__
_unknown: Final = SafeUUID.unknown
_NAMESPACE: Final = UUID("6f0d8d4e-6a1c-5e0e-9a58-2d6a4f1f6b11")


# A UUID that is not closed yet: setting its slots takes 0.1 µs, going through UUID's constructor 0.8.
_OpenUUID: Final[Any] = type(
    "_OpenUUID", (UUID,), {"__slots__": (), "__setattr__": object.__setattr__, "__delattr__": object.__delattr__}
)


class WrittenUUID(UUID):
    """A UUID in another form than the canonical one, or a text that is none: Avro leaves a string any text.

    It keeps its text, so an event that is decoded and encoded again is the same event. A text that is no UUID has
    the name-based UUID of that text, so that it is equal to itself and to nothing else.
    """

    __slots__ = ("text",)
    text: str

    def __init__(self, text: str) -> None:
        try:
            number = UUID(text).int
        except ValueError:
            number = uuid5(_NAMESPACE, text).int
        super().__init__(int=number)
        object.__setattr__(self, "text", text)

    def __reduce__(self) -> tuple[type[WrittenUUID], tuple[str]]:
        return WrittenUUID, (self.text,)


def _of_int(number: int) -> UUID:
    value = _new(_OpenUUID)
    value.int = number
    value.is_safe = _unknown
    value.__class__ = UUID
    closed: UUID = value
    return closed


def uuid_text(text: str) -> UUID:
    """Return the UUID that a text holds; a ``WrittenUUID`` unless it is the canonical text."""
    try:
        value = UUID(text)
    except ValueError:
        return WrittenUUID(text)
    return value if str(value) == text else WrittenUUID(text)


def uuid_bytes(data: bytes) -> UUID:
    """Return the UUID of sixteen bytes."""
    return _of_int(int.from_bytes(data, "big"))


def read_uuid(body: bytes, pos: int) -> tuple[UUID, int]:
    """Read a string; see ``uuid_text``."""
    end = pos + 1 + _TEXT_LENGTH
    text = body[pos + 1 : end]
    digits = text.replace(b"-", b"")
    if (
        body[pos] == _LENGTH_BYTE
        and text[8:24:5] == _DASHES
        and len(digits) == _DIGITS
        and digits == digits.lower()
        and digits.isalnum()
    ):
        try:
            return _of_int(int(digits, 16)), end
        except ValueError:
            pass
    other, end = read_string(body, pos)
    return uuid_text(other), end


def read_fixed_uuid(body: bytes, pos: int, size: int) -> tuple[UUID, int]:
    """Read sixteen bytes."""
    data, pos = read_fixed(body, pos, size)
    return uuid_bytes(data), pos


def write_uuid(out: bytearray, value: UUID) -> None:
    """Append a string: the length and the canonical text."""
    if value.__class__ is not UUID:
        if isinstance(value, WrittenUUID):
            write_string(out, value.text)
            return
        if not isinstance(value, UUID):
            raise wrong_type(value, "UUID")
    digits = value.int.to_bytes(16, "big").hex()
    out.append(_LENGTH_BYTE)
    out += f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}".encode()


def write_fixed_uuid(out: bytearray, value: UUID, _size: int) -> None:
    """Append sixteen bytes."""
    if not isinstance(value, UUID):
        raise wrong_type(value, "UUID")
    out += value.bytes
