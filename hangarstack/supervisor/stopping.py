"""A process that is asked to stop ends in time, whatever it is doing."""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from typing import Final

_log: Final = logging.getLogger(__name__)
_SHARE: Final = 0.9
"""Of the time to drain; the rest is for the signal to come and the process to go."""
_OWN_SHARE: Final = 0.85
"""What a process may use itself, so that it goes before it is ended."""


class Stop(threading.Event):
    """Asks a process to stop, and knows how long its end may still take.

    Args:
        drain_s: seconds that the end may take in all.
    """

    def __init__(self, drain_s: float) -> None:
        super().__init__()
        self._drain_s = drain_s * _OWN_SHARE
        self._asked_at: float | None = None

    def set(self) -> None:
        """Ask; the first time counts."""
        if self._asked_at is None:
            self._asked_at = time.monotonic()
        super().set()

    def left_s(self) -> float:
        """Return the seconds that are left before the process is ended, a little spared for the way out; 0 or more."""
        spent = 0.0 if self._asked_at is None else time.monotonic() - self._asked_at
        return max(0.0, self._drain_s - spent)


def stop_on_signals(drain_s: float, *, unfinished: int = 0) -> Stop:
    """Return an event that SIGTERM, SIGINT and SIGHUP set; within ``drain_s`` of the first one the process is gone.

    What every long-running process begins with. Must be called by the main thread before any other thread is
    started: one that does not block the signals would be ended by them. A thread of its own waits for them, because a
    handler would wait for the main thread, which may wait for a database.

    Args:
        drain_s: seconds that the end may take. What has not ended by itself after nine tenths of them is ended as
            SIGKILL would: what it has accepted is spooled or stored, what it has not committed is done again.
        unfinished: the exit code of a process that has not ended by itself.
    """
    stop = Stop(drain_s)
    # Whoever starts a process may have it ignore a signal, as `nohup` does.
    numbers = {
        number
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
        if signal.getsignal(number) != signal.SIG_IGN
    }
    signal.pthread_sigmask(signal.SIG_BLOCK, numbers)
    threading.Thread(
        target=_wait, args=(stop, numbers, drain_s * _SHARE, unfinished), name="signals", daemon=True
    ).start()
    return stop


def _wait(stop: Stop, numbers: set[signal.Signals], drain_s: float, unfinished: int) -> None:
    number = signal.sigwait(numbers)
    # Before the log, which the main thread may hold while it waits for its disk.
    threading.Thread(target=_end, args=(drain_s, unfinished), name="watchdog", daemon=True).start()
    _log.info("stopping on %s", signal.Signals(number).name)
    stop.set()


def _end(drain_s: float, unfinished: int) -> None:
    # The thread ends with the process, if that ends first.
    threading.Event().wait(drain_s)
    _log.warning("not drained in %.1f s: what is under way is left to be done again", drain_s)
    os._exit(unfinished)


__all__ = ["Stop", "stop_on_signals"]
