from __future__ import annotations

import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from hangarstack.errors import ChildFailedError
from hangarstack.settings import load
from hangarstack.supervisor.child import ChildSpec
from hangarstack.supervisor.platform import Platform
from hangarstack.supervisor.stop import StopRequest, stopped_by_signals

_SLEEP = "import time; time.sleep(60)"


def _spec(name: str, code: str = _SLEEP, ready: Callable[[int], bool] = lambda _pid: True) -> ChildSpec:
    return ChildSpec(
        name=name,
        command=[sys.executable, "-c", code],
        environment=dict(os.environ),
        ready=ready,
        alive=ready,
        grace_s=2.0,
    )


class _Harness:
    def __init__(self, home: Path) -> None:
        (home / "run").mkdir()
        self.lines: list[str] = []
        self.stop = StopRequest()
        self.platform = Platform(replace(load({}), home=home), self.lines.append, self.stop, health_every_s=0.01)

    def watch(self) -> threading.Thread:
        thread = threading.Thread(target=self.platform.watch)
        thread.start()
        return thread

    def wait_for_line(self, words: str) -> str:
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            for line in self.lines:
                if words in line:
                    return line
            time.sleep(0.02)
        raise AssertionError(f"no line says {words!r}: {self.lines}")


@pytest.fixture
def harness(tmp_path: Path) -> Iterator[_Harness]:
    made = _Harness(tmp_path)
    yield made
    made.stop.set()
    made.platform.stop()
    made.stop.close()


def test_a_killed_part_is_started_again_and_a_line_says_so(harness: _Harness) -> None:
    (child,) = harness.platform.start([_spec("popularity")])
    harness.platform.wait_ready([child])
    watching = harness.watch()
    first = child.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    assert "popularity was killed by SIGKILL: starting it again" in harness.wait_for_line("killed by SIGKILL")
    harness.wait_for_line("popularity is ready again")
    assert child.pid not in {None, first}
    harness.stop.set()
    watching.join(5)


def test_a_part_that_cannot_start_fails_the_start_with_its_own_last_words(harness: _Harness) -> None:
    children = harness.platform.start(
        [_spec("relay", "print('the disk is full'); raise SystemExit(2)", lambda _: False)]
    )
    with pytest.raises(ChildFailedError, match="relay ended with exit code 2: the disk is full"):
        harness.platform.wait_ready(children)


def test_only_what_a_part_said_in_its_last_life_is_quoted(harness: _Harness, tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "relay.log").write_text("ERROR of a life before\n")
    children = harness.platform.start([_spec("relay", "raise SystemExit(1)", lambda _: False)])
    with pytest.raises(ChildFailedError) as failed:
        harness.platform.wait_ready(children)
    assert failed.value.what == "relay ended with exit code 1"
    assert harness.lines[0] == "relay ended with exit code 1: starting it again in 0.2 s."


def test_a_part_with_a_log_of_its_own_is_quoted_from_there_and_by_its_error(harness: _Harness, tmp_path: Path) -> None:
    log = tmp_path / "kafka.log"
    code = (
        f"open({str(log)!r}, 'a').write('x INFO a\\ny ERROR no space left\\nz INFO shut down\\n'); raise SystemExit(1)"
    )
    spec = replace(_spec("kafka", code, lambda _: False), own_log=log)
    with pytest.raises(ChildFailedError, match="exit code 1: y ERROR no space left") as failed:
        harness.platform.wait_ready(harness.platform.start([spec]))
    assert failed.value.where.endswith("kafka.log")


def test_a_part_that_never_gets_ready_fails_the_start(harness: _Harness) -> None:
    children = harness.platform.start([_spec("web", ready=lambda _pid: False)])
    with pytest.raises(ChildFailedError, match=r"web is not ready after 0\.2 s"):
        harness.platform.wait_ready(children, within_s=0.2)


def test_a_part_that_stops_answering_is_killed_and_started_again(
    harness: _Harness,
) -> None:
    well = [True]
    (child,) = harness.platform.start([_spec("journeys", ready=lambda _pid: well[0])])
    harness.platform.wait_ready([child])
    watching = harness.watch()
    well[0] = False
    harness.wait_for_line("journeys has not answered 3 health checks")
    well[0] = True
    harness.wait_for_line("journeys is ready again")
    harness.stop.set()
    watching.join(5)


def test_a_disk_without_room_for_a_log_does_not_end_the_platform(harness: _Harness, tmp_path: Path) -> None:
    (child,) = harness.platform.start([_spec("kafka")])
    harness.platform.wait_ready([child])
    shutil.rmtree(tmp_path / "logs")
    (tmp_path / "logs").write_text("a file where the directory was: nothing can be written here")
    shutil.rmtree(tmp_path / "run")
    watching = harness.watch()
    assert child.pid is not None
    os.kill(child.pid, signal.SIGKILL)
    harness.wait_for_line("kafka cannot be started: ")
    (tmp_path / "logs").unlink()
    harness.wait_for_line("kafka is ready again")
    harness.stop.set()
    watching.join(5)


def test_a_part_that_cannot_be_started_at_all_is_one_clear_error(harness: _Harness) -> None:
    with pytest.raises(ChildFailedError, match="web cannot be started: No such file"):
        harness.platform.start([replace(_spec("web"), command=["/nowhere/python"])])


def test_a_part_that_ignores_sigterm_is_killed_after_its_grace(harness: _Harness, tmp_path: Path) -> None:
    deaf = "import signal,time; signal.signal(signal.SIGTERM, signal.SIG_IGN); open('deaf','w').close(); time.sleep(60)"
    spec = replace(_spec("web", f"import os; os.chdir({str(tmp_path)!r}); {deaf}"), grace_s=0.3)
    harness.platform.start([spec])
    while not (tmp_path / "deaf").exists():
        time.sleep(0.01)
    harness.platform.stop()
    assert harness.lines == ["web did not stop in 0.3 s and was killed."]


def test_writers_stop_before_readers_and_the_broker_last(harness: _Harness, tmp_path: Path) -> None:
    order = tmp_path / "order"
    tell = (
        "import signal,sys,time\n"
        "def end(*_):\n"
        "    open({0!r}, 'a').write({1!r} + ' ')\n"
        "    sys.exit()\n"
        "signal.signal(signal.SIGTERM, end)\n"
        "open({0!r} + '.' + {1!r}, 'w').close()\n"
        "time.sleep(60)"
    )
    names = ["kafka", "registry", "web", "popularity", "relay"]
    harness.platform.start([_spec(name, tell.format(str(order), name)) for name in names])
    while not all(Path(f"{order}.{name}").exists() for name in names):
        time.sleep(0.01)
    harness.platform.stop()
    assert order.read_text().split() == ["web", "relay", "popularity", "registry", "kafka"]


def test_a_signal_is_a_stop_request() -> None:
    stop = StopRequest()
    with stopped_by_signals(stop):
        assert not stop.wait(0)
        os.kill(os.getpid(), signal.SIGTERM)
        assert stop.wait(5)
    assert stop.is_set()
    stop.close()
