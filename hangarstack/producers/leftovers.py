"""What is found on the disk: the files of a slot at the start, then those of processes that died.

A file that is no segment is set aside. One that cannot be read now (too many open files, no memory, an error of the
disk) says nothing of what it holds: it stays in the slot and is tried again. So does one for which the spool would have
to open more files than it may.
"""

from __future__ import annotations

import errno
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Final

import structlog

from hangarstack.errors import SpoolError
from hangarstack.producers.disk import Disk
from hangarstack.producers.segment import UNFINISHED, Found, Segment
from hangarstack.producers.shelf import Shelf
from hangarstack.producers.shortage import remedy_of
from hangarstack.producers.slots import Slot, claim_free

Scanned = tuple[Segment, list[Found]]
"""A segment and the records in it that wait."""

_NO_MORE: Final = "the spool has as many files open as it may, a quarter of what the process may (ulimit -n)"

_log = structlog.get_logger("hangarstack.producers.spool")


class Leftovers:
    """The files of one slot that are still to be read. For one thread at a time, but for ``problems`` and ``put_back``.

    Args:
        slots: where the slots of the component are.
        slot: the one that this process holds; all that is in it is to be read.
        shelf: takes what is no segment.
        disk: tells whether a file can be read.

    Raises:
        SpoolError: the slot cannot be read.
    """

    def __init__(self, slots: Path, slot: Slot, shelf: Shelf, disk: Disk) -> None:
        self._slots = slots
        self._slot = slot
        self._shelf = shelf
        self._disk = disk
        self._unseen = ""
        """Why other slots could not be looked at."""
        self._unread: dict[Path, str] = {}
        """Each file, and why it could not be read."""
        try:
            self._unread = dict.fromkeys(slot.path.iterdir(), "")
        except OSError as error:
            raise SpoolError(
                f"the spool cannot be read: {error.strerror}", where=str(slot.path), remedy=remedy_of(error)
            ) from error

    def take_over(self, room: int) -> None:
        """Move the files of dead processes into the slot, each process's if ``room`` bytes are enough for them."""
        unseen = ""
        try:
            for slot in claim_free(self._slots):
                with closing(slot):
                    room -= self._move(slot, room)
        except OSError as error:
            unseen = _reason(error)
            if unseen != self._unseen:
                _log.error("what dead processes left cannot be taken over yet", reason=unseen, where=str(self._slots))
        self._unseen = unseen

    def read(self, most: int) -> list[Scanned]:
        """Return the segments that can be read now, each with its waiting records, and keep the others.

        Args:
            most: so many, the oldest first.
        """
        scanned: list[Scanned] = []
        failures: Counter[str] = Counter()
        for path in sorted(self._unread):
            try:
                if len(scanned) >= most:
                    raise OSError(errno.EMFILE, _NO_MORE)
                segment = self._open(path)
            except OSError as error:
                failures[_reason(error)] += self._unread[path] != _reason(error)
                self.put_back(path, error)
                continue
            del self._unread[path]
            if segment is not None:
                scanned.append((segment, [record for record in segment.scan() if record.waiting]))
                _warn_of_damage(segment)
        for reason, files in (+failures).items():
            where = str(self._slot.path)
            _log.error("files of the spool cannot be read now; they stay", files=files, reason=reason, where=where)
        return scanned

    def put_back(self, path: Path, error: OSError) -> None:
        """Let a file of the slot be read again later."""
        self._unread[path] = _reason(error)

    @property
    def unread(self) -> int:
        """How many files cannot be read now."""
        return sum(1 for reason in self._unread.copy().values() if reason)

    def problems(self) -> list[str]:
        """Return what keeps the events of dead processes from being sent."""
        told = []
        if self._unseen:
            told.append(f"{self._slots}: what dead processes left cannot be taken over yet: {self._unseen}")
        for reason, files in Counter(filter(None, self._unread.copy().values())).items():
            told.append(
                f"{self._slot.path}: {files:,} files of the spool cannot be read now: {reason}. They stay there; the"
                " events in them are not counted, and are sent once they can be read"
            )
        return told

    def _move(self, slot: Slot, room: int) -> int:
        """Move what a slot holds into this one if it fits, and return its bytes."""
        paths = list(slot.path.iterdir())
        size = sum(path.stat().st_size for path in paths)
        if size > room:
            return 0
        for path in paths:
            self._unread[path.rename(self._slot.path / path.name)] = ""
        return size

    def _open(self, path: Path) -> Segment | None:
        """Return the segment of a file; None: it holds nothing, is gone or is set aside."""
        try:
            if path.suffix == UNFINISHED and not path.is_dir():
                path.unlink()
                return None
            return self._readable(Segment(path))
        except FileNotFoundError:
            return None
        except SpoolError as error:
            self._shelf.set_aside(path, error)
            return None

    def _readable(self, segment: Segment) -> Segment:
        try:
            self._disk.try_reading(segment.descriptor)
        except OSError:
            segment.close()
            raise
        return segment


def _warn_of_damage(segment: Segment) -> None:
    if segment.damaged:
        _log.error(
            "a spool segment is damaged: what can be read is sent, the file is set aside afterwards",
            where=str(segment.path),
            readable=segment.waiting,
            error="SpoolError",
        )


def _reason(error: OSError) -> str:
    return error.strerror or str(error)


__all__ = ["Leftovers", "Scanned"]
