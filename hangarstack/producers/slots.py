"""Directories of which one process at a time may be the owner.

A slot is a directory that its owner holds by ``flock``: the kernel lets go when the owner dies, however it dies, and
then the next process takes the slot with all that is in it.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from hangarstack.errors import SpoolError, SpoolFullError
from hangarstack.producers.shortage import is_full, remedy_of


class Slot:
    """A directory held by this process.

    Made by ``claim`` or ``claim_free``. After a fork the child calls ``forget``; the parent stays the owner.
    """

    __slots__ = ("_descriptor", "path")

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self._descriptor = descriptor

    def close(self) -> None:
        """Let the slot go; the directory goes too when nothing is left in it."""
        with contextlib.suppress(OSError):
            self.path.rmdir()
        self.forget()

    def forget(self) -> None:
        """Drop this process's copy of the lock; a parent or child that has one too keeps the slot."""
        os.close(self._descriptor)


def claim(parent: Path) -> Slot:
    """Take a slot nobody holds, preferring one with something in it, or make a new one.

    Raises:
        SpoolFullError: the disk has no room for the directory.
        SpoolError: the directory cannot be made or read.
    """
    try:
        parent.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        parent.mkdir(exist_ok=True, mode=0o700)
        while True:
            for slot in claim_free(parent):
                return slot
            path = parent / secrets.token_hex(8)
            path.mkdir(mode=0o700)
            # Another process may have taken the new directory for an abandoned one.
            if (made := _lock(path)) is not None:
                return made
    except OSError as error:
        kind = SpoolFullError if is_full(error) else SpoolError
        raise kind(
            f"the spool's directory cannot be used: {error.strerror}", where=str(parent), remedy=remedy_of(error)
        ) from error


def claim_free(parent: Path) -> Iterator[Slot]:
    """Take each slot that nobody holds, those with something in them first; the caller closes them.

    Raises:
        OSError: they cannot be looked at now, as when there are too many open files.
    """
    paths = sorted((path for path in parent.iterdir() if path.is_dir()), key=lambda path: (_is_empty(path), path.name))
    for path in paths:
        if (slot := _lock(path)) is not None:
            yield slot


def _is_empty(path: Path) -> bool:
    try:
        return next(path.iterdir(), None) is None
    except OSError:
        return True


def _lock(path: Path) -> Slot | None:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    except OSError:
        os.close(descriptor)
        raise
    if not _is_still(path, descriptor):
        os.close(descriptor)
        return None
    return Slot(path, descriptor)


def _is_still(path: Path, descriptor: int) -> bool:
    """Tell whether the path leads to what was opened: its owner may have removed it before we had the lock."""
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False
