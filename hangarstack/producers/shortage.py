"""What to do when the system has too little of something for the spool."""

from __future__ import annotations

import errno
import resource
from typing import Final

_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_NO_DESCRIPTOR: Final = frozenset({errno.EMFILE, errno.ENFILE})


_FILES_OF_A_SEGMENT: Final = 2
_SHARE: Final = 4


def segments_at_once() -> int:
    """Return how many segments a spool may have open, at least one: they take a quarter of this process's open files.

    Connections, databases and logs need the others.
    """
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return 1 << 20
    return max(1, soft // (_SHARE * _FILES_OF_A_SEGMENT))


def is_full(error: OSError) -> bool:
    """Tell whether the disk, or what this user may have of it, is full."""
    return error.errno in _NO_ROOM


def remedy_of(error: OSError) -> str:
    """Return what a person can do so that the same call succeeds."""
    if is_full(error):
        return "Free disk space, or lower HANGARSTACK_SPOOL_BYTES, or move HANGARSTACK_HOME"
    if error.errno in _NO_DESCRIPTOR:
        return "Raise the limit of open files (ulimit -n, or LimitNOFILE of its systemd unit)"
    if error.errno == errno.EIO:
        return "The disk itself fails: see the system's log, and move HANGARSTACK_HOME to a sound one"
    return "Set HANGARSTACK_HOME to a directory you may write, on a disk with room"


__all__ = ["is_full", "remedy_of", "segments_at_once"]
