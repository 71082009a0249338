"""How a running process tells where it answers: one small file under ``HOME/run/``."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import structlog

_log = structlog.get_logger(__name__)


def run_file(home: Path, component: str, pid: int) -> Path:
    """Return the file of one process; several processes of a component have one each."""
    return home / "run" / f"{component}.{pid}.json"


@contextmanager
def announced(home: Path, component: str, port: int) -> Iterator[Path]:
    """Say for as long as the block runs that this process answers on ``port``: ``{"pid": int, "port": int}``.

    Files that killed processes of the component left behind are removed first.

    Args:
        home: the state directory.
        component: the part of the platform, such as ``popularity``.
        port: where its health and metrics are.
    """
    file = run_file(home, component, os.getpid())
    try:
        _write(file, component, port)
    except OSError as error:
        # A full disk must not keep a process from its work; who looks for it here does not find it.
        _log.warning("where this process answers cannot be noted", where=str(file), reason=error.strerror)
    try:
        yield file
    finally:
        file.unlink(missing_ok=True)


def _write(file: Path, component: str, port: int) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    for left in file.parent.glob(f"{component}.*.json"):
        pid = left.name.split(".")[1]
        if pid.isdigit() and not psutil.pid_exists(int(pid)):
            left.unlink(missing_ok=True)
    fresh = file.with_suffix(".new")
    try:
        fresh.write_text(json.dumps({"pid": os.getpid(), "port": port}), encoding="utf-8")
        fresh.replace(file)
    finally:
        fresh.unlink(missing_ok=True)
