from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from drills.shifted import Clock, ShiftedClock, compiled

_TELL = """
import sys, time, datetime
while True:
    sys.stdin.readline()
    print(time.time(), datetime.datetime.now().timestamp(), time.monotonic(), flush=True)
"""


def test_a_shifted_clock_follows_its_file(tmp_path: Path) -> None:
    clock = Clock(tmp_path / "clock", None)
    clock.set(-3600)
    shifted = ShiftedClock(tmp_path / "clock")
    assert -3601 < shifted.time() - time.time() < -3599
    clock.set(60)
    time.sleep(0.06)
    assert 59 < shifted.time() - time.time() < 61


def test_a_whole_process_follows_its_clock_but_for_the_monotonic_one(tmp_path: Path) -> None:
    library = compiled(tmp_path)
    if library is None:
        pytest.skip("no C compiler, or not Linux")
    clock = Clock(tmp_path / "clock", library)
    process = subprocess.Popen(
        [sys.executable, "-c", _TELL],
        env={**os.environ, **clock.variables},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    with process:
        for shift in (0.0, 7200.0, -3600.0):
            clock.set(shift)
            time.sleep(0.2)
            process.stdin.write("\n")
            process.stdin.flush()
            *told, monotonic = map(float, process.stdout.readline().split())
            assert all(shift - 1 < each - time.time() < shift + 1 for each in told)
            assert abs(monotonic - time.monotonic()) < 1
        process.kill()
