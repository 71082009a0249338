"""Time, as the read models keep it: whole seconds for buckets, whole microseconds for instants, both UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import Enum, IntEnum

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_SECOND = timedelta(seconds=1)


class Grain(IntEnum):
    """The width of a bucket in seconds; ``EVER`` is one bucket, since the beginning."""

    EVER = 0
    MINUTE = 60
    HOUR = 3600
    DAY = 86_400

    def start(self, second: int) -> int:
        """Return the start of the bucket that holds ``second`` (seconds since 1970)."""
        return second - second % self if self else 0


class Window(Enum):
    """A rolling time span: the bucket that is under way and the full ones before it."""

    HOUR = (Grain.MINUTE, 60)
    DAY = (Grain.HOUR, 24)
    WEEK = (Grain.DAY, 7)
    MONTH = (Grain.DAY, 30)
    EVER = (Grain.EVER, 1)

    @property
    def grain(self) -> Grain:
        """The width of its buckets."""
        return self.value[0]

    @property
    def buckets(self) -> int:
        """How many buckets it has."""
        return self.value[1]

    def bounds(self, now: datetime, *, back: int = 0) -> tuple[int, int]:
        """Return its first and last bucket, both inclusive.

        Args:
            now: the end of the window; its bucket is the last one.
            back: how many whole windows earlier, 0 for the current one.
        """
        last = self.grain.start(seconds(now)) - back * self.buckets * self.grain
        return last - (self.buckets - 1) * self.grain, last


def seconds(at: datetime) -> int:
    """Return whole seconds since 1970, rounded down."""
    return (at - _EPOCH) // _SECOND


def micros(at: datetime) -> int:
    """Return microseconds since 1970."""
    return (at - _EPOCH) // _MICROSECOND


def instant(micros_since_1970: int) -> datetime:
    """Return the UTC time of so many microseconds since 1970."""
    return _EPOCH + timedelta(microseconds=micros_since_1970)


def bucket_time(bucket: int) -> datetime:
    """Return the UTC time at which a bucket starts."""
    return _EPOCH + timedelta(seconds=bucket)


__all__ = ["Grain", "Window", "bucket_time", "instant", "micros", "seconds"]
