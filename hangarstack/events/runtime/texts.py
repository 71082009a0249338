"""Bytes that a reader has come to call a string."""

from __future__ import annotations

from hangarstack.events.runtime.reading import read_bytes


class WrittenText(str):
    """The text of bytes that are not UTF-8: what cannot be read is replaced by U+FFFD.

    It keeps the bytes, so an event that is decoded and encoded again is the same event. Only a field that once was
    of type bytes can have one; in a field that was written as a string such bytes are an error.
    """

    __slots__ = ("data",)
    data: bytes

    def __new__(cls, data: bytes) -> WrittenText:
        """Make the text of some bytes."""
        text = super().__new__(cls, data, "utf-8", "replace")
        text.data = data
        return text

    def __reduce__(self) -> tuple[type[WrittenText], tuple[bytes]]:
        return WrittenText, (self.data,)


def read_bytes_as_string(body: bytes, pos: int) -> tuple[str, int]:
    """Read a length and as many bytes, as text."""
    data, pos = read_bytes(body, pos)
    try:
        return data.decode(), pos
    except UnicodeDecodeError:
        return WrittenText(data), pos
