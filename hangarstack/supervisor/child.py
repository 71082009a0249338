"""One supervised process."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hangarstack.supervisor.orphans import before_exec

_LOG_LIMIT: Final = 10_000_000
_FIRST_DELAY_S: Final = 0.2
_LONGEST_DELAY_S: Final = 15.0
_LAST_BYTES: Final = 16_000
_LONGEST_WORDS: Final = 400
_ERROR: Final = re.compile(r"^hangarstack: | (ERROR|FATAL) |\[(error|critical) ")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildSpec:
    """How a part is run.

    Args:
        name: what people call it, such as ``popularity`` or ``kafka``.
        command: program and arguments.
        environment: its whole environment.
        ready: given the process id, tells whether the part does its work; must answer within about a second.
        alive: as ``ready``, asked while it runs; False several times in a row gets it restarted.
        grace_s: seconds between SIGTERM and SIGKILL when it is stopped.
        niceness: how far it steps back when the processor is short, 0 to 19; a person waits for pages first.
        own_log: the file that it logs to by itself; None when what it prints is its log.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    ready: Callable[[int], bool]
    alive: Callable[[int], bool]
    grace_s: float
    niceness: int = 0
    own_log: Path | None = None


class Child:
    """A part that is started, watched and started again; not thread-safe, used by the supervisor's one thread."""

    def __init__(self, spec: ChildSpec, output: Path) -> None:
        self.spec = spec
        self.log = spec.own_log or output
        self.was_ready = False
        self.failures = 0
        """How often in a row it ended before it was ready."""
        self.missed = 0
        """How many health checks in a row it has missed."""
        self._output = output
        self._logged_before = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._start_at = 0.0

    @property
    def pid(self) -> int | None:
        """Its process id, or None when it does not run."""
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    def start(self) -> None:
        """Start it in a session of its own, so that Ctrl-C reaches the supervisor alone."""
        self._output.parent.mkdir(parents=True, exist_ok=True)
        if self._output.exists() and self._output.stat().st_size > _LOG_LIMIT:
            self._output.replace(self._output.with_suffix(".log.1"))
        self._logged_before = self.log.stat().st_size if self.log.exists() else 0
        self.was_ready = False
        self.missed = 0
        with self._output.open("ab") as log:
            self._process = subprocess.Popen(
                list(self.spec.command),
                env=dict(self.spec.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                # One thread, and the hook only makes system calls: safe between fork and exec.
                preexec_fn=before_exec(self.spec.niceness),
            )

    def is_ready(self) -> bool:
        """Tell whether it is ready, and remember that it was."""
        pid = self.pid
        if pid is not None and self.spec.ready(pid):
            self.was_ready = True
            self.failures = 0
            return True
        return False

    def exit_reason(self) -> str | None:
        """Return why it has ended, or None while it runs."""
        if self._process is None:
            return "was not started"
        code = self._process.poll()
        if code is None:
            return None
        return f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"

    def schedule_restart(self) -> float:
        """Note that it ended; return the seconds until its next start, which grow while it never gets ready."""
        if not self.was_ready:
            self.failures += 1
        delay: float = min(_FIRST_DELAY_S * 2 ** max(0, self.failures - 1), _LONGEST_DELAY_S)
        self._start_at = time.monotonic() + delay
        self._process = None
        return delay

    def restart_due(self) -> bool:
        """Tell whether it waits for a start whose time has come."""
        return self._process is None and time.monotonic() >= self._start_at

    def terminate(self) -> None:
        """Ask it to stop; does not wait."""
        if self.pid is not None:
            os.kill(self.pid, signal.SIGTERM)

    def wait(self) -> bool:
        """Wait for it to stop, at most ``grace_s``, then kill it; return whether it stopped by itself."""
        if self._process is None:
            return True
        try:
            self._process.wait(self.spec.grace_s)
        except subprocess.TimeoutExpired:
            self.kill()
            return False
        return True

    def kill(self) -> None:
        """Kill it and wait for its end."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def last_words(self) -> str:
        """Return the last error that it has logged since its start, or else its last line; empty when there is none."""
        try:
            with self.log.open("rb") as log:
                # A log that was begun anew meanwhile is shorter than what was there before.
                size = log.seek(0, os.SEEK_END)
                log.seek(max(self._logged_before if size >= self._logged_before else 0, size - _LAST_BYTES))
                lines = log.read().decode(errors="replace").strip().splitlines()
        except OSError:
            return ""
        errors = [line for line in lines if _ERROR.search(line)]
        return (errors or lines or [""])[-1].strip()[:_LONGEST_WORDS]
