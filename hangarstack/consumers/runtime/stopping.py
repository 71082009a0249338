"""A process that is asked to stop ends in time, whatever it is doing."""

from __future__ import annotations

import logging
import os
import signal
import threading
from typing import Final

_log: Final = logging.getLogger(__name__)
_SIGNALS: Final = frozenset({signal.SIGTERM, signal.SIGINT})


def stop_on_signals(drain_s: float) -> threading.Event:
    """Return an event that SIGTERM and SIGINT set; ``drain_s`` seconds after the first one the process is gone.

    Must be called by the main thread before any other thread is started: one that does not block the signals
    would be ended by them. A thread of its own waits for them, because a handler would wait for the main
    thread, which may wait for a database.

    Args:
        drain_s: seconds that the process has to end by itself; then it is as if it had been killed.
    """
    stop = threading.Event()
    signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    threading.Thread(target=_wait, args=(stop, drain_s), name="signals", daemon=True).start()
    return stop


def _wait(stop: threading.Event, drain_s: float) -> None:
    number = signal.sigwait(_SIGNALS)
    _log.info("stopping on %s", signal.Signals(number).name)
    stop.set()
    # The thread ends with the process, if that ends first.
    threading.Event().wait(drain_s)
    _log.warning("not drained in %g s: what is under way is left to be done again", drain_s)
    os._exit(0)


__all__ = ["stop_on_signals"]
