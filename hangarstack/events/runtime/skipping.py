"""Passing over what the writer wrote and the reader does not want.

A position may come to lie beyond the end of the body; whatever is read next, or ``end_of``, finds it.
"""

from __future__ import annotations

from hangarstack.errors import DecodeError
from hangarstack.events.runtime.reading import read_length, unknown_branch


def skip_varint(body: bytes, pos: int) -> int:
    """Return the position after a number or the index of an enum."""
    end = pos + 10
    while body[pos] > 0x7F:
        pos += 1
        if pos == end:
            raise DecodeError("the number has more than 64 bits")
    return pos + 1


def skip_bytes(body: bytes, pos: int) -> int:
    """Return the position after bytes or a string."""
    length, pos = read_length(body, pos)
    return pos + length


def skip_empty_union(body: bytes, pos: int) -> int:
    """Refuse whatever is there: a union without branches has no value, so there is nothing to pass over."""
    raise unknown_branch(body[pos], 0)
