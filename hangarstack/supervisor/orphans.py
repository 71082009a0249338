"""Children that outlived a supervisor which was killed."""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

import psutil

_PR_SET_PDEATHSIG: Final = 1
_WAIT_S: Final = 5.0


def before_exec(niceness: int) -> Callable[[], None]:
    """Return what a child runs between fork and exec: it steps back by ``niceness``, and dies with the supervisor.

    The latter on Linux only (prctl(2), PR_SET_PDEATHSIG); elsewhere ``stop_orphans`` at the next start does the work.
    """
    # Loaded before the fork: between fork and exec nothing may import or take a lock.
    prctl = ctypes.CDLL(None, use_errno=True).prctl if sys.platform == "linux" else None

    def ask() -> None:
        if niceness:
            os.nice(niceness)
        if prctl is not None:
            prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)

    return ask


def remember(home: Path, processes: Iterable[tuple[str, int]]) -> None:
    """Write down the children by name and process id, so that the next ``up`` can find them."""
    entries = []
    for name, pid in processes:
        try:
            entries.append({"name": name, "pid": pid, "created": psutil.Process(pid).create_time()})
        except psutil.NoSuchProcess:
            continue
    file = _file(home)
    fresh = file.with_suffix(".new")
    fresh.write_text(json.dumps(entries), encoding="utf-8")
    fresh.replace(file)


def stop_orphans(home: Path) -> list[str]:
    """Kill what a killed supervisor left running and return the names; blocks at most 5 s.

    A process id alone may belong to somebody else by now, so its creation time must be the remembered one.
    """
    left = []
    for name, pid, created in _remembered(home):
        try:
            process = psutil.Process(pid)
            if abs(process.create_time() - created) < 0.01:
                process.kill()
                left.append((name, process))
        except (psutil.Error, ValueError):
            continue
    psutil.wait_procs([process for _, process in left], timeout=_WAIT_S)
    return [name for name, _ in left]


def _remembered(home: Path) -> list[tuple[str, int, float]]:
    """Return name, process id and creation time of each remembered child; none when the file makes no sense."""
    try:
        entries = json.loads(_file(home).read_text(encoding="utf-8"))
        return [(str(entry["name"]), int(entry["pid"]), float(entry["created"])) for entry in entries]
    except (OSError, ValueError, TypeError, KeyError):
        return []


def _file(home: Path) -> Path:
    return home / "run" / "children.json"
