"""One Kafka process: started, awaited, stopped."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from hangarstack.broker.config import LOOPBACK
from hangarstack.broker.embedded.readiness import answers
from hangarstack.errors import BrokerUnavailableError

_POLL_S: Final = 0.02
_LOG_TAIL: Final = 65_536
_LONGEST_REASON: Final = 300
_CAUSE: Final = re.compile(r"(?:Caused by: )?[a-z][\w.]*\.\w*(?:Exception|Error): .")


class Node:
    """A Kafka process of ours.

    Args:
        command: the command line.
        port: its plaintext port on loopback.
        log: the file that it logs to.
    """

    def __init__(self, command: Sequence[str], port: int, log: Path) -> None:
        self._command: Final = command
        self._port: Final = port
        self._log: Final = log
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """Its process id, or None when it does not run."""
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    def start(self, timeout_s: float) -> None:
        """Start it and wait until it serves requests; blocks at most ``timeout_s``.

        Raises:
            BrokerUnavailableError: it ended, or was not ready in time; it does not run then.
        """
        with self._log.with_name("console.log").open("wb") as console:
            self._process = subprocess.Popen(
                dying_with_parent(self._command), stdin=subprocess.DEVNULL, stdout=console, stderr=subprocess.STDOUT
            )
        try:
            wait_ready(self._port, self._log, timeout_s, lambda: self.pid is not None)
        except BrokerUnavailableError:
            self.kill()
            raise

    def stop(self, timeout_s: float = 10.0) -> None:
        """Ask it to stop and wait; kill it when it takes longer than ``timeout_s``."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End it at once, as SIGKILL does, and wait for its end."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()


def wait_ready(port: int, log: Path, timeout_s: float, alive: Callable[[], bool]) -> None:
    """Wait until a Kafka serves requests; blocks at most about ``timeout_s``.

    Raises:
        BrokerUnavailableError: it is no longer alive, or was not ready in time.
    """
    deadline = time.monotonic() + timeout_s
    while not answers(LOOPBACK, port):
        if not alive():
            raise BrokerUnavailableError(f"Kafka ended while it started{_last_words(log)}", where=str(log))
        if time.monotonic() > deadline:
            raise BrokerUnavailableError(
                f"Kafka was not ready after {timeout_s:g} s{_last_words(log)}",
                where=str(log),
                remedy="If it stays so, delete what is in HANGARSTACK_CACHE_DIR: it is fetched again",
            )
        time.sleep(_POLL_S)


def dying_with_parent(command: Sequence[str]) -> list[str]:
    """Return the command so that it ends with this process even if that is killed, where the system has the means.

    ``preexec_fn`` could ask for the same, but is not safe in a process that has threads. To Linux the parent is the
    thread that starts the process: it must live as long as the process should.
    """
    setpriv = shutil.which("setpriv") if sys.platform == "linux" else None
    return [setpriv, "--pdeathsig", "KILL", *command] if setpriv else list(command)


def _last_words(log: Path) -> str:
    """Return the last exception or error that Kafka logged: what follows it is only the way down."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - _LOG_TAIL))
            lines = file.read().decode(errors="replace").splitlines()
    except OSError:
        return ""
    causes = [line for line in lines if _CAUSE.match(line)]
    errors = causes or [line.split(" ", 2)[-1] for line in lines if " ERROR " in line]
    return f": {errors[-1][:_LONGEST_REASON]}" if errors else ""
