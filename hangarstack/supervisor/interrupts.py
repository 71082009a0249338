"""Signals that end a command as Ctrl-C does, but not in the middle of a change that must be whole."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager

from hangarstack.supervisor.stop import handled


class StoppedBySignal(BaseException):
    """A signal asked this process to end.

    Args:
        number: of the signal.
    """

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.name = signal.Signals(number).name
        self.exit_code = 128 + number


class Interrupts:
    """Raises ``StoppedBySignal`` in the main thread when a signal arrives, or at the end of what is done whole."""

    def __init__(self) -> None:
        self._holding = False
        self._waiting: int | None = None

    @contextmanager
    def held(self) -> Iterator[None]:
        """Let the first signal wait until the block has ended; a second one does not wait.

        Raises:
            StoppedBySignal: one waited, and the block has ended well.
        """
        self._holding = True
        try:
            yield
        finally:
            self._holding = False
        if self._waiting is not None:
            raise StoppedBySignal(self._waiting)

    def arrive(self, number: int) -> None:
        """Take a signal; safe in a signal handler."""
        if self._holding and self._waiting is None:
            self._waiting = number
        else:
            raise StoppedBySignal(number)


@contextmanager
def interrupted_by_signals() -> Iterator[Interrupts]:
    """Let SIGINT, SIGTERM and SIGHUP end the block by ``StoppedBySignal``."""
    interrupts = Interrupts()
    with handled(interrupts.arrive):
        yield interrupts
