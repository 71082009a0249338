"""What the spool asks of the disk beyond files: that something outlives a loss of power, or can be read at all."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final, Protocol


class Disk(Protocol):
    """Forces to the disk what the operating system holds in memory, and tries it; ``DISK`` is the one in use."""

    def force(self, descriptor: int) -> None:
        """Force the content of an open file; blocks for as long as the disk takes, other threads run on.

        Raises:
            OSError: the disk refused.
        """

    def force_names(self, directory: Path) -> None:
        """Force the names in a directory; blocks like ``force``.

        Raises:
            OSError: the disk refused, or the directory cannot be opened.
        """

    def try_reading(self, descriptor: int) -> None:
        """Read an open file to its end; blocks for as long as the disk takes, other threads run on.

        To be done before it is read through a memory map: there an error of the disk is no exception but SIGBUS, which
        kills the process.

        Raises:
            OSError: the disk cannot read it.
        """


_CHUNK: Final = 1024 * 1024


class _SystemDisk:
    def force(self, descriptor: int) -> None:
        # macOS has no fdatasync.
        getattr(os, "fdatasync", os.fsync)(descriptor)

    def force_names(self, directory: Path) -> None:
        descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def try_reading(self, descriptor: int) -> None:
        chunk = bytearray(_CHUNK)
        offset = 0
        while count := os.preadv(descriptor, [chunk], offset):
            offset += count


DISK: Final[Disk] = _SystemDisk()


__all__ = ["DISK", "Disk"]
