"""Clocks that a drill sets, each of one process, as somebody sets a machine's clock; the monotonic clock goes on.

Where there is a C compiler and Linux, ``clock.c`` is preloaded: then the whole process has that clock, librdkafka's
timestamps included. Elsewhere Python's ``time.time`` and ``time.time_ns`` alone have it, by running the process as
``python drills/shifted.py FILE MODULE ARGUMENTS``. Kafka and the database keep the true time.
"""

from __future__ import annotations

import runpy
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

_LOOK_S: Final = 0.05
_SOURCE: Final = Path(__file__).with_name("clock.c")


class Clock:
    """The clock of one process, right at first.

    Args:
        file: where the shift is kept.
        library: what ``compiled`` returned.
    """

    def __init__(self, file: Path, library: Path | None) -> None:
        self._file = file
        self._library = library
        self.set(0)

    def set(self, shift_s: float) -> None:
        """Set it so many seconds before (or, below zero, behind) the true time; seen within a tenth of a second."""
        fresh = self._file.with_suffix(".new")
        fresh.write_text(f"{shift_s:f}")
        fresh.replace(self._file)

    @property
    def prefix(self) -> Sequence[str]:
        """What of Python runs a module under this clock."""
        return ("-m",) if self._library else (__file__, str(self._file))

    @property
    def variables(self) -> Mapping[str, str]:
        """What the process needs in its environment."""
        if self._library is None:
            return {}
        return {"LD_PRELOAD": str(self._library), "DRILL_CLOCK": str(self._file)}


def compiled(directory: Path) -> Path | None:
    """Compile the library that gives a whole process its clock; None: not Linux, or no C compiler."""
    compiler = shutil.which("cc")
    if compiler is None or sys.platform != "linux":
        return None
    library = directory / "clock.so"
    subprocess.run(
        [compiler, "-shared", "-fPIC", "-O2", "-o", str(library), str(_SOURCE), "-ldl"], timeout=60, check=True
    )
    return library


class ShiftedClock:
    """Python's clock, shifted.

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
