"""Waiting, never for ever: a drill that does not come to its end fails, and says what it waited for."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable


def wait_until(condition: Callable[[], bool], what: str, within_s: float) -> float:
    """Wait for a condition and return the seconds that it took; fails when it does not come true in time."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < within_s, _late(what, within_s)
        time.sleep(0.02)
    return time.monotonic() - began


def wait_for_thread(thread: threading.Thread, what: str, within_s: float) -> None:
    """Wait for a thread's end; fails when it does not come in time."""
    thread.join(within_s)
    assert not thread.is_alive(), _late(what, within_s)


def wait_for_process(process: subprocess.Popen[bytes], what: str, within_s: float) -> int:
    """Wait for a process's end and return its exit code; fails when it does not come in time."""
    try:
        return process.wait(within_s)
    except subprocess.TimeoutExpired:
        raise AssertionError(_late(what, within_s)) from None


def _late(what: str, within_s: float) -> str:
    return f"not in {within_s:g} s: {what}"


__all__ = ["wait_for_process", "wait_for_thread", "wait_until"]
