"""Disks for tests, small ones and failing ones, where this user may mount one."""

from __future__ import annotations

import fcntl
import os
import struct
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

_FIBMAP: Final = 1
"""Asks the file system where a block of a file is on the disk."""


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


@contextmanager
def disk_that_fails(path: Path) -> Iterator[Callable[[Path], None]]:
    """Mount a disk of 64 MiB on an image; skips where that is not allowed.

    Yields:
        What lets it fail: from then on it cannot read that file, save for its first 16 KiB.
    """
    path.mkdir()
    image = path.with_suffix(".image")
    with image.open("wb") as file:
        file.truncate(64 << 20)
    commands = (["mkfs.ext4", "-q", "-F", str(image)], ["/bin/mount", "-o", "loop", str(image), str(path)])
    try:
        allowed = not os.geteuid() and not any(
            subprocess.run(command, capture_output=True, check=False).returncode for command in commands
        )
    except FileNotFoundError:
        allowed = False
    if not allowed:
        pytest.skip("this user may not mount a disk")

    def fail(file: Path) -> None:
        descriptor = os.open(file, os.O_RDONLY)
        try:
            os.fsync(descriptor)
            os.sync()
            [block] = struct.unpack("i", fcntl.ioctl(descriptor, _FIBMAP, struct.pack("i", 0)))
            os.truncate(image, block * os.statvfs(file).f_bsize + 16_384)
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(descriptor)

    try:
        yield fail
    finally:
        subprocess.run(["/bin/umount", "-l", str(path)], check=True)
        image.unlink()
