from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hangarstack.errors import DecodeError, EncodeError
from hangarstack.events.runtime import times
from hangarstack.events.runtime.writing import write_int, write_long

_AWARE = st.datetimes(timezones=st.just(UTC))
_Write = Callable[[bytearray, Any], None]


def _written(write: _Write, value: object) -> bytes:
    out = bytearray()
    write(out, value)
    return bytes(out)


@given(_AWARE)
def test_a_timestamp_in_microseconds_is_read_as_it_was_written(value: datetime) -> None:
    data = _written(times.write_timestamp_micros, value)
    micros = (value - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    assert data == _written(write_long, micros)
    assert times.read_timestamp_micros(data + b"rest", 0) == (value, len(data))
    assert times.read_timestamp_micros(data, 0) == (value, len(data))


@pytest.mark.parametrize("bits", [1 << 48, 1 << 49, 1 << 55, 1 << 56])
@pytest.mark.parametrize("offset", [-1, 0, 1])
@pytest.mark.parametrize("sign", [-1, 1])
def test_timestamps_where_the_number_of_bytes_changes_are_written_as_longs(bits: int, offset: int, sign: int) -> None:
    value = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=sign * (bits >> 1) + offset)
    data = _written(times.write_timestamp_micros, value)
    assert data == _written(write_long, sign * (bits >> 1) + offset)
    assert times.read_timestamp_micros(data, 0) == (value, len(data))


@given(_AWARE)
def test_a_timestamp_in_milliseconds_loses_what_is_finer(value: datetime) -> None:
    data = _written(times.write_timestamp_millis, value)
    read, _ = times.read_timestamp_millis(data, 0)
    assert read == value - timedelta(microseconds=value.microsecond % 1000)


@given(st.datetimes())
def test_a_local_timestamp_is_naive(value: datetime) -> None:
    data = _written(times.write_local_timestamp_micros, value)
    assert times.read_local_timestamp_micros(data, 0) == (value, len(data))
    data = _written(times.write_local_timestamp_millis, value)
    cut = value - timedelta(microseconds=value.microsecond % 1000)
    assert times.read_local_timestamp_millis(data, 0) == (cut, len(data))


@given(st.dates())
def test_a_date_is_read_as_it_was_written(value: date) -> None:
    data = _written(times.write_day, value)
    assert times.read_day(data, 0) == (value, len(data))


@given(st.times())
def test_a_time_of_day_is_read_as_it_was_written(value: time) -> None:
    data = _written(times.write_time_micros, value)
    assert times.read_time_micros(data, 0) == (value, len(data))
    data = _written(times.write_time_millis, value)
    cut = value.replace(microsecond=value.microsecond // 1000 * 1000)
    assert times.read_time_millis(data, 0) == (cut, len(data))


@pytest.mark.parametrize("utc", [timezone.utc, ZoneInfo("UTC"), timezone(timedelta(0), "Zulu")])  # noqa: UP017 # on purpose
def test_any_time_zone_without_an_offset_is_utc(utc: Any) -> None:
    value = datetime(2026, 11, 22, 10, tzinfo=utc)
    assert _written(times.write_timestamp_micros, value) == _written(
        times.write_timestamp_micros, datetime(2026, 11, 22, 10, tzinfo=UTC)
    )


@pytest.mark.parametrize(
    ("write", "value"),
    [
        (times.write_timestamp_micros, datetime(2026, 1, 1)),  # noqa: DTZ001 # naive on purpose
        (times.write_timestamp_micros, datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=1)))),
        (times.write_timestamp_millis, date(2026, 1, 1)),
        (times.write_timestamp_micros, 5),
        (times.write_local_timestamp_micros, datetime(2026, 1, 1, tzinfo=UTC)),
        (times.write_local_timestamp_millis, "2026"),
        (times.write_day, datetime(2026, 1, 1, tzinfo=UTC)),
        (times.write_day, "2026-01-01"),
        (times.write_time_micros, time(1, tzinfo=UTC)),
        (times.write_time_millis, 5),
    ],
)
def test_a_time_of_another_kind_is_refused(write: _Write, value: object) -> None:
    with pytest.raises(EncodeError):
        write(bytearray(), value)


@pytest.mark.parametrize(
    ("read", "write", "number"),
    [
        (times.read_timestamp_micros, write_long, 2**63 - 1),
        (times.read_timestamp_micros, write_long, 253_402_300_800_000_000),
        (times.read_timestamp_millis, write_long, -(2**63)),
        (times.read_local_timestamp_micros, write_long, -62_135_596_800_000_001),
        (times.read_local_timestamp_millis, write_long, 2**62),
        (times.read_day, write_int, 2**31 - 1),
        (times.read_day, write_int, -719_163),
        (times.read_time_micros, write_long, 86_400_000_000),
        (times.read_time_millis, write_int, -1),
    ],
)
def test_a_time_that_python_does_not_hold_is_refused(
    read: Callable[[bytes, int], object], write: _Write, number: int
) -> None:
    with pytest.raises(DecodeError, match="within"):
        read(_written(write, number), 0)
