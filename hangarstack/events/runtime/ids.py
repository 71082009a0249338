"""Identities and times of events."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

_COUNTER_BITS: Final = 42
_VERSION_AND_VARIANT: Final = 7 << 76 | 2 << 62


class _Clock:
    """Milliseconds that never go back, with a counter for the ids within one.

    The counter has 42 bits: 12 of ``rand_a`` and 30 of ``rand_b`` (RFC 9562, method 1). It begins at random below
    half its range, so there is room for two billion ids within a millisecond.

    Args:
        time_ns: returns nanoseconds since 1970.
    """

    def __init__(self, time_ns: Callable[[], int] = time.time_ns) -> None:
        self._time_ns = time_ns
        self._forget()
        os.register_at_fork(after_in_child=self._forget)

    def _forget(self) -> None:
        self._lock = threading.Lock()
        self._millis = 0
        self._counter = 0

    def tick(self) -> tuple[int, int, int]:
        """Return milliseconds, counter and 32 random bits."""
        random = int.from_bytes(os.urandom(10), "big")
        with self._lock:
            millis = self._time_ns() // 1_000_000
            if millis > self._millis:
                self._millis = millis
                self._counter = random >> 32 & (1 << _COUNTER_BITS - 1) - 1
            else:
                self._counter += 1
                if self._counter >> _COUNTER_BITS:
                    self._millis += 1
                    self._counter = 0
            return self._millis, self._counter, random & 0xFFFF_FFFF


_CLOCK: Final = _Clock()


def new_event_id() -> UUID:
    """Return a new UUIDv7: ids of one process sort in the order in which they were made. Never blocks for long."""
    millis, counter, random = _CLOCK.tick()
    high, low = counter >> 30, counter & (1 << 30) - 1
    return UUID(int=_VERSION_AND_VARIANT | (millis & (1 << 48) - 1) << 80 | high << 64 | low << 32 | random)


def now() -> datetime:
    """Return the time, UTC, to the microsecond."""
    return datetime.now(UTC)
