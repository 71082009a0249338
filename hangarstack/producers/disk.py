"""What the spool asks of the disk beyond files: that something outlives a loss of power."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final, Protocol


class Disk(Protocol):
    """Forces to the disk what the operating system holds in memory; ``DISK`` is the one in use."""

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


DISK: Final[Disk] = _SystemDisk()


__all__ = ["DISK", "Disk"]
