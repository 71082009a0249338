"""A disk that can be filled: a small one in memory where this user may mount it, else a limit on what may be written.

The limit (``RLIMIT_FSIZE``) fails the same calls: no file may grow, whether it is written or allocated.
"""

from __future__ import annotations

import contextlib
import os
import resource
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import psutil

_BYTES: Final = 32 * 1024 * 1024
_CHUNK: Final = 65_536
_MOUNTED_S: Final = 30.0


@contextlib.contextmanager
def small_disk(path: Path) -> Iterator[bool]:
    """Mount a small disk at a new directory for as long as the block lasts; yield whether that was possible."""
    path.mkdir()
    # Absolute where it is on every Linux: a drill run by root should not mount with whatever PATH names.
    command = ["/bin/mount", "-t", "tmpfs", "-o", f"size={_BYTES}", "drill", str(path)]
    mounted = os.geteuid() == 0 and _succeeds(command)
    try:
        yield mounted
    finally:
        if mounted:
            # Lazily: a process that is being killed may still hold a file.
            subprocess.run(["/bin/umount", "-l", str(path)], timeout=_MOUNTED_S, check=True)


def _succeeds(command: Sequence[str]) -> bool:
    return subprocess.run(command, capture_output=True, timeout=_MOUNTED_S, check=False).returncode == 0


@contextlib.contextmanager
def full(path: Path, mounted: bool, processes: Sequence[int]) -> Iterator[None]:
    """Leave no room on the disk for as long as the block lasts.

    Args:
        path: where ``small_disk`` was asked for.
        mounted: what it answered.
        processes: which else must find no room when it could not be mounted; this one always does.
    """
    with _filled(path) if mounted else _limited(processes):
        yield


@contextlib.contextmanager
def _filled(path: Path) -> Iterator[None]:
    ballast = path / "ballast"
    with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        for size in (_CHUNK, 1):
            with contextlib.suppress(OSError):
                while file.write(bytes(size)) == size:
                    pass
    try:
        yield
    finally:
        ballast.unlink()


@contextlib.contextmanager
def _limited(processes: Sequence[int]) -> Iterator[None]:
    def limit(size: int) -> None:
        for pid in (os.getpid(), *processes):
            psutil.Process(pid).rlimit(psutil.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

    limit(0)
    try:
        yield
    finally:
        limit(resource.RLIM_INFINITY)


__all__ = ["full", "small_disk"]
