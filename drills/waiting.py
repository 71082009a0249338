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


class Work(threading.Thread):
    """Something done in a thread of its own; what it fails with is raised where its end is waited for.

    Args:
        do: what.
        name: of the thread.
    """

    def __init__(self, do: Callable[[], None], name: str) -> None:
        super().__init__(name=name, daemon=True)
        self._do = do
        self._error: Exception | None = None

    def run(self) -> None:
        """Do it."""
        try:
            self._do()
        except Exception as error:  # noqa: BLE001 - raised by whoever waits
            self._error = error

    def check(self) -> None:
        """Raise what it has failed with, if it has."""
        if self._error is not None:
            raise self._error

    def wait(self, what: str, within_s: float) -> None:
        """Wait for its end; fails when it does not come in time, or came by an error."""
        self.join(within_s)
        assert not self.is_alive(), _late(what, within_s)
        self.check()


def wait_for_process(process: subprocess.Popen[bytes], what: str, within_s: float) -> int:
    """Wait for a process's end and return its exit code; fails when it does not come in time."""
    try:
        return process.wait(within_s)
    except subprocess.TimeoutExpired:
        raise AssertionError(_late(what, within_s)) from None


def _late(what: str, within_s: float) -> str:
    return f"not in {within_s:g} s: {what}"


__all__ = ["Work", "wait_for_process", "wait_until"]
