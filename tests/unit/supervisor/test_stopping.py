from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from hangarstack.supervisor.stopping import Stop

DRAIN_S = 1.0
PROGRAM = """
import sys, threading
from hangarstack.supervisor.stopping import stop_on_signals
stop = stop_on_signals(float(sys.argv[1]))
print("begun", flush=True)
stop.wait()
print("stopping", flush=True)
if sys.argv[2] == "hangs":
    # A thread that the interpreter would wait for, and a main thread that waits for it.
    threading.Thread(target=threading.Event().wait).start()
"""


@contextmanager
def program(behaviour: str, *prefix: str) -> Iterator[subprocess.Popen[str]]:
    command = [*prefix, sys.executable, "-c", PROGRAM, str(DRAIN_S), behaviour]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "begun\n"
            yield process
        finally:
            process.kill()


def test_what_is_left_of_the_end_begins_to_run_when_the_process_is_asked_to_stop() -> None:
    stop = Stop(0.4)
    time.sleep(0.1)
    before = stop.left_s()
    stop.set()
    time.sleep(0.1)
    stop.set()
    assert before == pytest.approx(0.34)
    assert stop.left_s() < 0.25
    time.sleep(0.4)
    assert stop.left_s() == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_process_that_is_asked_to_stop_ends_by_itself(number: signal.Signals) -> None:
    with program("ends") as process:
        process.send_signal(number)
        out, _ = process.communicate(timeout=10)
    assert (process.returncode, out) == (0, "stopping\n")


def test_one_that_hangs_is_gone_within_its_time_to_drain() -> None:
    with program("hangs") as process:
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
        assert DRAIN_S / 2 < time.monotonic() - began < DRAIN_S


def test_one_that_was_told_to_outlive_its_terminal_does() -> None:
    with program("ends", "nohup") as process:
        process.send_signal(signal.SIGHUP)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.5)
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
