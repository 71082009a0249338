"""A stop request that a signal handler may make at any instant."""

from __future__ import annotations

import select
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class StopRequest:
    """Set once, by a signal or by code; waited for by the supervisor's one thread.

    Not a ``threading.Event``: its ``set`` takes a lock that the interrupted thread may hold in ``wait``.
    """

    def __init__(self) -> None:
        self._reader, self._writer = socket.socketpair()
        self._requested = False

    def set(self) -> None:
        """Ask for the stop; safe in a signal handler."""
        self._requested = True
        self._writer.send(b"\0")

    def is_set(self) -> bool:
        """Tell whether the stop was asked for."""
        return self._requested

    def wait(self, timeout_s: float) -> bool:
        """Block until the stop is asked for, at most ``timeout_s``; tell whether it was."""
        select.select([self._reader], [], [], timeout_s)
        return self._requested

    def close(self) -> None:
        """Give the sockets back; the request cannot be waited for any more."""
        self._reader.close()
        self._writer.close()


@contextmanager
def stopped_by_signals(stop: StopRequest) -> Iterator[None]:
    """Turn SIGINT, SIGTERM and SIGHUP into the stop request, so that all end the same orderly way."""
    with handled(lambda _: stop.set()):
        yield


@contextmanager
def handled(handler: Callable[[int], None]) -> Iterator[None]:
    """Give SIGINT, SIGTERM and SIGHUP to a handler, which the main thread runs; SIGHUP not under ``nohup``.

    Args:
        handler: called with the signal's number, at any instant.
    """
    numbers = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        numbers.append(signal.SIGHUP)
    before = {number: signal.signal(number, lambda number, _: handler(number)) for number in numbers}
    try:
        yield
    finally:
        for number, earlier in before.items():
            signal.signal(number, earlier)
