"""Disks for tests: small ones in memory, where this user may mount one."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def disk_of(path: Path, *, files: int) -> Iterator[Callable[[int], None]]:
    """Mount a disk that holds so many files and directories, the top one included; skips where that is not allowed.

    Yields:
        What changes that number.
    """
    path.mkdir()
    mount = ["/bin/mount", "-t", "tmpfs", "-o", f"nr_inodes={files}", "test", str(path)]
    if os.geteuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("this user may not mount a disk")

    def grow(files: int) -> None:
        subprocess.run(["/bin/mount", "-o", f"remount,nr_inodes={files}", str(path)], check=True)

    try:
        yield grow
    finally:
        subprocess.run(["/bin/umount", "-l", str(path)], check=True)
