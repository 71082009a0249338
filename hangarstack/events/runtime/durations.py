"""Durations: months, days and milliseconds, because neither a month nor a day has a fixed length."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

from hangarstack.events.runtime.faults import wrong_type
from hangarstack.events.runtime.reading import read_fixed

_LAYOUT: Final = struct.Struct("<III")


@dataclass(frozen=True, slots=True, kw_only=True)
class Duration:
    """An amount of time; each part is 0 to 4294967295."""

    months: int = 0
    days: int = 0
    millis: int = 0


def duration_of(data: bytes) -> Duration:
    """Return the duration that twelve bytes hold."""
    months, days, millis = _LAYOUT.unpack(data)
    return Duration(months=months, days=days, millis=millis)


def read_duration(body: bytes, pos: int, size: int) -> tuple[Duration, int]:
    """Read twelve bytes."""
    data, pos = read_fixed(body, pos, size)
    return duration_of(data), pos


def write_duration(out: bytearray, value: Duration, _size: int) -> None:
    """Append twelve bytes."""
    if not isinstance(value, Duration):
        raise wrong_type(value, "Duration")
    out += _LAYOUT.pack(value.months, value.days, value.millis)
