"""A Python program with a clock that a drill sets: ``python drills/shifted.py FILE MODULE ARGUMENTS``.

``time.time`` and ``time.time_ns`` are off by the seconds that the file holds, as they are when somebody sets the
machine's clock; the monotonic clock goes on. Kafka and the database keep the true time.
"""

from __future__ import annotations

import runpy
import sys
import time
from pathlib import Path

_LOOK_S = 0.05


class ShiftedClock:
    """The machine's clock, shifted.

    Args:
        file: holds the shift in seconds; read again twenty times a second.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._true_ns = time.time_ns
        self._look_at = 0.0
        self._shift_ns = 0

    def time_ns(self) -> int:
        """Return nanoseconds since 1970, shifted."""
        if time.monotonic() >= self._look_at:
            self._look_at = time.monotonic() + _LOOK_S
            self._shift_ns = int(float(self._file.read_text()) * 1e9)
        return self._true_ns() + self._shift_ns

    def time(self) -> float:
        """Return seconds since 1970, shifted."""
        return self.time_ns() / 1e9


if __name__ == "__main__":
    _clock = ShiftedClock(Path(sys.argv[1]))
    # Before anything of ours is imported, because some of it keeps the functions.
    time.time, time.time_ns = _clock.time, _clock.time_ns
    sys.path[0] = str(Path(__file__).parents[1])
    sys.argv = sys.argv[2:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
