"""The whole platform as one: brought up in order, watched, taken down in the reverse order."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from hangarstack.errors import ChildFailedError
from hangarstack.settings import Settings
from hangarstack.supervisor.child import Child, ChildSpec
from hangarstack.supervisor.orphans import remember
from hangarstack.supervisor.stop import StopRequest

Say = Callable[[str], None]

_POLL_S: Final = 0.05
_WATCH_S: Final = 0.25
_MISSES_ALLOWED: Final = 3
_FAILED_STARTS_ALLOWED: Final = 3
_READY_WITHIN_S: Final = 60.0
_PREPARED_WITHIN_S: Final = 60.0
_FULL_DISK_BYTES: Final = 1024 * 1024


class Platform:
    """Starts stages of parts, keeps them running and stops them; used from one thread.

    Args:
        settings: ``home`` holds logs and run files.
        say: prints one line for the operator.
        stop: set by Ctrl-C or SIGTERM.
        health_every_s: seconds between health checks of the running parts.
    """

    def __init__(self, settings: Settings, say: Say, stop: StopRequest, *, health_every_s: float = 5.0) -> None:
        self._health_every_s = health_every_s
        self._settings = settings
        self._say = say
        self._stop = stop
        self._children: list[Child] = []
        self._next_health_check = 0.0

    def is_stopping(self) -> bool:
        """Tell whether the stop was asked for."""
        return self._stop.is_set()

    def start(self, specs: Iterable[ChildSpec]) -> list[Child]:
        """Start these parts at once, and return them; does not wait.

        Raises:
            ChildFailedError: one cannot be started at all.
        """
        fresh = [Child(spec, self._settings.home / "logs" / f"{spec.name}.log") for spec in specs]
        for child in fresh:
            try:
                child.start()
            except OSError as error:
                raise _failed(child, f"cannot be started: {error.strerror}") from error
            self._children.append(child)
        self._remember()
        return fresh

    def wait_ready(self, children: Sequence[Child], within_s: float = _READY_WITHIN_S) -> None:
        """Block until all of them are ready, or until stop is set; a part that dies is started again.

        Raises:
            ChildFailedError: one ended three times without getting ready, or took longer than ``within_s``.
        """
        deadline = time.monotonic() + within_s
        waiting = list(children)
        while waiting and not self._stop.is_set():
            waiting = [child for child in waiting if not child.is_ready()]
            self._restart_ended(give_up=True)
            if waiting and time.monotonic() > deadline:
                raise _failed(waiting[0], f"is not ready after {within_s:g} s")
            self._stop.wait(_POLL_S)

    def run_preparation(self, command: Sequence[str], environment: Mapping[str, str]) -> subprocess.Popen[str]:
        """Start a one-off process and return it; does not wait."""
        return subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    def finish_preparation(self, process: subprocess.Popen[str]) -> None:
        """Wait for a preparation.

        Raises:
            ChildFailedError: it failed; carries its own line.
        """
        try:
            _, errors = process.communicate(timeout=_PREPARED_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            raise ChildFailedError(
                f"preparing stores, contracts and topics took longer than {_PREPARED_WITHIN_S:g} s",
                remedy="Run `hangarstack doctor`",
            ) from None
        if process.returncode != 0:
            lines = errors.strip().splitlines() or ["the preparation failed"]
            raise ChildFailedError(lines[-1].removeprefix("hangarstack: "))

    def watch(self) -> None:
        """Keep every part running until stop is set; says each restart in one line."""
        while not self._stop.wait(_WATCH_S):
            self._restart_ended(give_up=False)
            for child in self._children:
                if not child.was_ready and child.is_ready():
                    self._say(f"{child.spec.name} is ready again, as process {child.pid}.")
            if time.monotonic() >= self._next_health_check:
                self._next_health_check = time.monotonic() + self._health_every_s
                self._check_health()

    def stop(self) -> None:
        """Stop every part, last started first, each given its own time to drain; blocks for the sum at worst."""
        for stage in _stages(self._children):
            for child in stage:
                child.terminate()
            for child in stage:
                if not child.wait():
                    self._say(f"{child.spec.name} did not stop in {child.spec.grace_s:g} s and was killed.")
        self._children.clear()

    def _restart_ended(self, *, give_up: bool) -> None:
        for child in self._children:
            if child.restart_due():
                self._start_again(child)
                continue
            reason = child.exit_reason()
            if reason is None or reason == "was not started":
                continue
            delay = child.schedule_restart()
            if give_up and child.failures >= _FAILED_STARTS_ALLOWED:
                raise _failed(child, reason)
            words = self._why(child)
            self._say(f"{child.spec.name} {reason}{words and f' ({words})'}: starting it again in {delay:.1f} s.")

    def _why(self, child: Child) -> str:
        # On a full disk a part cannot log why it ends, or logs half of it.
        with contextlib.suppress(OSError):
            if shutil.disk_usage(self._settings.home).free < _FULL_DISK_BYTES:
                return f"the disk of {self._settings.home} is full: make room"
        return child.last_words() if child.failures else ""

    def _start_again(self, child: Child) -> None:
        try:
            child.start()
        except OSError as error:
            # A full disk, as a rule: the other parts go on, and this one is tried again until there is room.
            delay = child.schedule_restart()
            self._say(f"{child.spec.name} cannot be started: {error.strerror}. Trying again in {delay:.1f} s.")
            return
        self._remember()

    def _check_health(self) -> None:
        for child in self._children:
            pid = child.pid
            if pid is None or not child.was_ready:
                continue
            child.missed = 0 if child.spec.alive(pid) else child.missed + 1
            if child.missed >= _MISSES_ALLOWED:
                self._say(f"{child.spec.name} has not answered {child.missed} health checks: killing it.")
                child.kill()

    def _remember(self) -> None:
        # The list only helps the next start to find orphans: a disk without room for it must not stop this one.
        with contextlib.suppress(OSError):
            remember(self._settings.home, [(c.spec.name, c.pid) for c in self._children if c.pid is not None])


def _stages(children: Sequence[Child]) -> list[list[Child]]:
    """Who may stop together, in order: writers of events first, then who reads them, then what all of them need."""
    order = {"web": 0, "relay": 1, "registry": 3, "kafka": 4}
    stages: dict[int, list[Child]] = {}
    for child in children:
        stages.setdefault(order.get(child.spec.name, 2), []).append(child)
    return [stages[key] for key in sorted(stages)]


def _failed(child: Child, reason: str) -> ChildFailedError:
    words = child.last_words()
    return ChildFailedError(
        f"{child.spec.name} {reason}" + (f": {words}" if words else ""),
        where=str(_relative(child.log)),
        remedy="Mend what its log says, then start again; nothing accepted is lost",
    )


def _relative(path: Path) -> Path:
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
