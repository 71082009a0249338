from __future__ import annotations

import time
from pathlib import Path

from drills.shifted import ShiftedClock


def test_a_shifted_clock_follows_its_file(tmp_path: Path) -> None:
    file = tmp_path / "clock"
    file.write_text("-3600")
    clock = ShiftedClock(file)
    assert -3601 < clock.time() - time.time() < -3599
    file.write_text("60")
    time.sleep(0.06)
    assert 59 < clock.time() - time.time() < 61
