from __future__ import annotations

from datetime import UTC, datetime

import pytest

from hangarstack.analytics.buckets import Grain, Window, bucket_time, instant, micros, seconds

_AT = datetime(2026, 11, 22, 10, 17, 42, 123457, tzinfo=UTC)


@pytest.mark.parametrize(
    ("grain", "start"),
    [
        (Grain.MINUTE, datetime(2026, 11, 22, 10, 17, tzinfo=UTC)),
        (Grain.HOUR, datetime(2026, 11, 22, 10, tzinfo=UTC)),
        (Grain.DAY, datetime(2026, 11, 22, tzinfo=UTC)),
        (Grain.EVER, datetime(1970, 1, 1, tzinfo=UTC)),
    ],
)
def test_a_bucket_starts_at_the_whole_unit(grain: Grain, start: datetime) -> None:
    assert bucket_time(grain.start(seconds(_AT))) == start


def test_microseconds_survive_the_way_to_the_store_and_back() -> None:
    assert instant(micros(_AT)) == _AT


@pytest.mark.parametrize("window", list(Window))
def test_a_window_ends_with_the_bucket_under_way_and_meets_the_one_before(window: Window) -> None:
    first, last = window.bounds(_AT)
    assert first <= seconds(_AT)
    assert last == window.grain.start(seconds(_AT))
    assert (last - first) // max(window.grain, 1) + 1 == window.buckets
    if window is not Window.EVER:
        _, before = window.bounds(_AT, back=1)
        assert before == first - window.grain


def test_the_last_hour_is_sixty_minutes() -> None:
    first, last = Window.HOUR.bounds(_AT)
    assert bucket_time(first) == datetime(2026, 11, 22, 9, 18, tzinfo=UTC)
    assert bucket_time(last) == datetime(2026, 11, 22, 10, 17, tzinfo=UTC)
