"""The loop that the README promises, on real Kafka; the tests run in order on one platform."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress

import psutil
import pytest

from hangarstack.simulate.platform import PlatformApi
from hangarstack.simulate.run import Report, simulate
from hangarstack.simulate.summary import Tally
from hangarstack.simulate.traffic import Load
from hangarstack.supervisor.parts import SERVICES
from tests.support.platform import Up

pytestmark = pytest.mark.timeout(300)


class _Visits(threading.Thread):
    """A simulation beside the test, which meanwhile breaks things."""

    def __init__(self, up: Up, *, seconds: float, seed: int) -> None:
        super().__init__()
        self._address = up.address
        self._load = Load(visitors=10, rate=40, duration_s=seconds, seed=seed)
        self._report: Report | None = None
        self._under_way = threading.Event()

    def run(self) -> None:
        self._report = simulate(self._address, self._load, self._heard)

    def _heard(self, tally: Tally) -> None:
        if sum(tally.requests.values()) >= 50:
            self._under_way.set()

    def wait_until_under_way(self) -> None:
        assert self._under_way.wait(30)

    def report(self) -> Report:
        self.join(180)
        assert self._report is not None
        return self._report


def _assert_exact(report: Report) -> None:
    assert report.tally.unanswered == 0
    assert report.tally.accepted["AircraftView"] > 0
    assert report.counted["AircraftView"] == report.tally.accepted["AircraftView"]
    assert report.counted["SearchQuery"] == report.tally.accepted["SearchQuery"]
    assert report.counted["UserActivity"] == report.tally.accepted["UserActivity"]
    assert report.dead_letters == 0


def test_every_accepted_event_is_counted_exactly_once(platform: Up) -> None:
    visits = _Visits(platform, seconds=5, seed=1)
    visits.start()
    report = visits.report()
    _assert_exact(report)
    assert report.counted["DataUpdate"] == report.tally.accepted["DataUpdate"]
    assert report.tally.retries == 0


def test_every_service_is_rebuilt_to_the_same_totals_while_it_runs(platform: Up) -> None:
    api = PlatformApi(platform.address)
    before = api.totals()
    rebuilds = [
        subprocess.Popen(
            [sys.executable, "-m", "hangarstack", "analytics", "rebuild", name, "--json"],
            env=platform.environment(),
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in SERVICES
    ]
    told = [each.communicate(timeout=60)[0] for each in rebuilds]
    assert [each.returncode for each in rebuilds] == [0] * len(SERVICES)
    assert sum(json.loads(each)["records"] for each in told) > 0
    # The parts go on reporting on themselves.
    assert api.totals() | {"system_events": 0} == before | {"system_events": 0}


def _kill(platform: Up, name: str) -> None:
    """Kill a part as it is now: one may have ended and come back by itself after Kafka was killed."""
    until = time.monotonic() + 30
    while True:
        with suppress(KeyError, ProcessLookupError):
            os.kill(platform.children()[name], signal.SIGKILL)
            return
        assert time.monotonic() < until, f"{name} does not run"
        time.sleep(0.1)


def test_every_part_that_is_killed_comes_back_and_the_counts_stay_exact(platform: Up) -> None:
    visits = _Visits(platform, seconds=20, seed=2)
    visits.start()
    visits.wait_until_under_way()
    for name in platform.children():
        seen = len(platform.output())
        _kill(platform, name)
        platform.wait_for_line(f"{name} was killed by SIGKILL: starting it again", within_s=10, after=seen)
        platform.wait_for_line(f"{name} is ready again", within_s=30, after=seen)
    _assert_exact(visits.report())


def test_a_killed_platform_that_starts_again_has_lost_nothing_and_counted_nothing_twice(platform: Up) -> None:
    visits = _Visits(platform, seconds=12, seed=3)
    visits.start()
    visits.wait_until_under_way()
    orphans = platform.children()
    platform.kill()
    platform.start()
    assert set(orphans.values()).isdisjoint(platform.children().values())
    _assert_exact(visits.report())


def test_a_second_platform_on_the_same_home_is_refused_in_one_line(platform: Up) -> None:
    answer = subprocess.run(
        [sys.executable, "-m", "hangarstack", "up"],
        env=platform.environment(),
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert answer.returncode == 2
    assert "the platform already runs here" in answer.stderr
    assert answer.stderr.count("\n") == 1


def test_the_whole_platform_fits_in_a_gigabyte(platform: Up) -> None:
    processes = [psutil.Process(platform.pid), *psutil.Process(platform.pid).children(recursive=True)]
    assert sum(process.memory_info().rss for process in processes) < 1_000_000_000


def test_the_doctor_finds_a_running_platform_well(platform: Up) -> None:
    answer = subprocess.run(
        [sys.executable, "-m", "hangarstack", "doctor"],
        env=platform.environment() | {"HANGARSTACK_BOOTSTRAP_SERVERS": ""},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert answer.stdout.count("✅") == 5


def test_ctrl_c_stops_everything(platform: Up) -> None:
    children = platform.children()
    assert platform.interrupt() == 0
    assert not [name for name, pid in children.items() if psutil.pid_exists(pid)]
    assert platform.output().rstrip().endswith("Stopped. Events and counts are kept.")
