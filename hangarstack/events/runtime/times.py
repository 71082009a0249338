"""Dates and times.

Timestamps are aware datetimes in UTC, local timestamps naive ones. A datetime has microseconds: nanoseconds stay
integers, and what is finer than milliseconds is cut off where the schema has milliseconds, as fastavro does.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from hangarstack.errors import DecodeError, EncodeError
from hangarstack.events.runtime.faults import wrong_type
from hangarstack.events.runtime.reading import read_int, read_long
from hangarstack.events.runtime.writing import write_int, write_long

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LOCAL_EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001 # a local timestamp has no time zone: that is its meaning
_EPOCH_DAY: Final = _EPOCH.toordinal()
_NO_OFFSET: Final = timedelta(0)
_DAY_MICROS: Final = 86_400_000_000

# Microseconds since 1970 take eight bytes from 1978 until 3111. Their seven bits each are moved together, or apart, in
# three steps rather than eight: every event has such a time.
_CONTINUED: Final = 0x8080_8080_8080_8080
_EIGHT_BYTES: Final = 0x0080_8080_8080_8080


def timestamp_micros(micros: int) -> datetime:
    """Return the time so many microseconds after 1970-01-01T00:00Z.

    Raises:
        DecodeError: it is not within the years 1 to 9999.
    """
    try:
        return _EPOCH + timedelta(0, 0, micros)
    except OverflowError:
        raise _beyond("timestamp") from None


def timestamp_millis(millis: int) -> datetime:
    """As ``timestamp_micros``, for milliseconds."""
    return timestamp_micros(millis * 1000)


def local_timestamp_micros(micros: int) -> datetime:
    """Return the naive time so many microseconds after 1970-01-01T00:00.

    Raises:
        DecodeError: it is not within the years 1 to 9999.
    """
    try:
        return _LOCAL_EPOCH + timedelta(0, 0, micros)
    except OverflowError:
        raise _beyond("local timestamp") from None


def local_timestamp_millis(millis: int) -> datetime:
    """As ``local_timestamp_micros``, for milliseconds."""
    return local_timestamp_micros(millis * 1000)


def day(days: int) -> date:
    """Return the date so many days after 1970-01-01.

    Raises:
        DecodeError: it is not within the years 1 to 9999.
    """
    try:
        return date.fromordinal(_EPOCH_DAY + days)
    except (OverflowError, ValueError):
        raise _beyond("date") from None


def time_micros(micros: int) -> time:
    """Return the time of day so many microseconds after midnight.

    Raises:
        DecodeError: no day is that long.
    """
    if not 0 <= micros < _DAY_MICROS:
        raise DecodeError("the time of day is not within a day")
    seconds, micros = divmod(micros, 1_000_000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return time(hours, minutes, seconds, micros)


def time_millis(millis: int) -> time:
    """As ``time_micros``, for milliseconds."""
    return time_micros(millis * 1000)


def _beyond(what: str) -> DecodeError:
    return DecodeError(f"the {what} is not within the years 1 to 9999")


def read_timestamp_micros(body: bytes, pos: int) -> tuple[datetime, int]:
    """Read a long; see ``timestamp_micros``."""
    bits = int.from_bytes(body[pos : pos + 8], "little")
    if bits & _CONTINUED == _EIGHT_BYTES:
        bits = bits & 0x7F007F007F007F | (bits & 0x7F007F007F007F00) >> 1
        bits = bits & 0x3FFF00003FFF | (bits & 0x3FFF00003FFF0000) >> 2
        bits = bits & 0xFFFFFFF | (bits & 0xFFFFFFF00000000) >> 4
        return _EPOCH + timedelta(0, 0, (bits >> 1) ^ -(bits & 1)), pos + 8
    micros, pos = read_long(body, pos)
    return timestamp_micros(micros), pos


def read_timestamp_millis(body: bytes, pos: int) -> tuple[datetime, int]:
    """Read a long; see ``timestamp_millis``."""
    millis, pos = read_long(body, pos)
    return timestamp_micros(millis * 1000), pos


def read_local_timestamp_micros(body: bytes, pos: int) -> tuple[datetime, int]:
    """Read a long; see ``local_timestamp_micros``."""
    micros, pos = read_long(body, pos)
    return local_timestamp_micros(micros), pos


def read_local_timestamp_millis(body: bytes, pos: int) -> tuple[datetime, int]:
    """Read a long; see ``local_timestamp_millis``."""
    millis, pos = read_long(body, pos)
    return local_timestamp_micros(millis * 1000), pos


def read_day(body: bytes, pos: int) -> tuple[date, int]:
    """Read an int; see ``day``."""
    days, pos = read_int(body, pos)
    return day(days), pos


def read_time_micros(body: bytes, pos: int) -> tuple[time, int]:
    """Read a long; see ``time_micros``."""
    micros, pos = read_long(body, pos)
    return time_micros(micros), pos


def read_time_millis(body: bytes, pos: int) -> tuple[time, int]:
    """Read an int; see ``time_millis``."""
    millis, pos = read_int(body, pos)
    return time_micros(millis * 1000), pos


def write_timestamp_micros(out: bytearray, value: datetime) -> None:
    """Append a long."""
    micros = _micros_of(value)
    bits = micros << 1 ^ micros >> 63
    if bits >> 49 and not bits >> 56:
        bits = bits & 0xFFFFFFF | (bits & 0xFFFFFFF0000000) << 4
        bits = bits & 0x3FFF00003FFF | (bits & 0xFFFC0000FFFC000) << 2
        bits = bits & 0x7F007F007F007F | (bits & 0x3F803F803F803F80) << 1
        out += (bits | _EIGHT_BYTES).to_bytes(8, "little")
    else:
        write_long(out, micros)


def write_timestamp_millis(out: bytearray, value: datetime) -> None:
    """Append a long."""
    write_long(out, _micros_of(value) // 1000)


def write_local_timestamp_micros(out: bytearray, value: datetime) -> None:
    """Append a long."""
    write_long(out, _local_micros_of(value))


def write_local_timestamp_millis(out: bytearray, value: datetime) -> None:
    """Append a long."""
    write_long(out, _local_micros_of(value) // 1000)


def _micros_of(value: datetime) -> int:
    if not isinstance(value, datetime):
        raise wrong_type(value, "datetime")
    if value.tzinfo is not UTC and value.utcoffset() != _NO_OFFSET:
        raise EncodeError(
            "the datetime is not in UTC",
            remedy="Make it with datetime.now(UTC), or convert it with .astimezone(UTC)",
        )
    since = value - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def _local_micros_of(value: datetime) -> int:
    if not isinstance(value, datetime):
        raise wrong_type(value, "datetime")
    if value.tzinfo is not None:
        raise EncodeError("a local timestamp has no time zone, this datetime has", remedy="Use .replace(tzinfo=None)")
    since = value - _LOCAL_EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def write_day(out: bytearray, value: date) -> None:
    """Append an int."""
    if not isinstance(value, date) or isinstance(value, datetime):
        raise wrong_type(value, "date")
    write_int(out, value.toordinal() - _EPOCH_DAY)


def write_time_micros(out: bytearray, value: time) -> None:
    """Append a long."""
    write_long(out, _day_micros_of(value))


def write_time_millis(out: bytearray, value: time) -> None:
    """Append an int."""
    write_int(out, _day_micros_of(value) // 1000)


def _day_micros_of(value: time) -> int:
    if not isinstance(value, time):
        raise wrong_type(value, "time")
    if value.tzinfo is not None:
        raise EncodeError("a time of day has no time zone, this time has", remedy="Use .replace(tzinfo=None)")
    return ((value.hour * 60 + value.minute) * 60 + value.second) * 1_000_000 + value.microsecond
