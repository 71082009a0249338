"""One file of the spool: records appended through a memory map, each released on its own.

Layout, little endian: a header (magic, seed), then records, then zeros, at least one: a file that ends with a record
was cut short. A record is ``HSR`` and its state (``.`` waiting, ``x`` released), the length of its body, the body's
CRC-32, and the body. The body is written first and the 12 bytes before it last, so a record that a crash interrupts
does not exist, and the CRC tells what power loss tore. The CRC starts from the segment's random seed, so that no event
can carry bytes that would pass for a record.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import secrets
import stat
import struct
import threading
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from hangarstack.errors import SpoolError
from hangarstack.producers.disk import Disk
from hangarstack.producers.shortage import remedy_of

SUFFIX: Final = ".spool"
UNFINISHED: Final = ".new"
"""Suffix of a segment whose making a crash interrupted; it holds nothing."""
_MAGIC: Final = b"HangarStackSpl\x01\n"
_MARK: Final = b"HSR"
_WAITING: Final = b"HSR."
_RELEASED: Final = ord("x")
_PREFIX: Final = struct.Struct("<4sII")
_BODY: Final = struct.Struct("<QQII")
OVERHEAD: Final = _PREFIX.size + _BODY.size
"""Bytes that a record takes besides its key, attributes and value."""
_SEED: Final = struct.Struct("<I")
HEADER: Final = len(_MAGIC) + _SEED.size
"""Bytes at the beginning of a segment."""
FRAME: Final = HEADER + 1
"""Bytes of a segment that no record may take: the header, and the last byte, which stays zero."""


class Stored(NamedTuple):
    """A record as the segment holds it; ``stream`` is the fingerprint of its stream."""

    sequence: int
    stream: int
    key: bytes
    attributes: bytes
    value: bytes


class Found(NamedTuple):
    """Where a scan met a record, and whether it still waits."""

    offset: int
    sequence: int
    stream: int
    size: int
    waiting: bool


class Segment:
    """A preallocated, memory-mapped file of records. Not thread-safe.

    Args:
        path: an existing segment.

    Raises:
        SpoolError: the file is not a segment.
        OSError: it cannot be read now, as when there are too many open files; that says nothing of what it holds.
    """

    __slots__ = (
        "_forcing",
        "_map",
        "_named",
        "_safe",
        "_seed",
        "damaged",
        "descriptor",
        "end",
        "failure",
        "path",
        "size",
        "waiting",
        "waiting_bytes",
    )

    def __init__(self, path: Path) -> None:
        self.path = path
        if not stat.S_ISREG(path.lstat().st_mode):
            raise SpoolError("not a spool segment: not a file", where=str(path))
        self.descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
        try:
            self.size = os.fstat(self.descriptor).st_size
            header = os.pread(self.descriptor, HEADER, 0)
            if header[: len(_MAGIC)] != _MAGIC or len(header) < HEADER:
                raise SpoolError("not a spool segment: its first bytes are not those of one", where=str(path))
            self._map = mmap.mmap(self.descriptor, self.size)
        except BaseException:
            os.close(self.descriptor)
            raise
        self._seed: int = _SEED.unpack_from(header, len(_MAGIC))[0]
        self.end = HEADER
        self.waiting = 0
        self.waiting_bytes = 0
        self.damaged = False
        self.failure: OSError | None = None
        """Why it could not be forced to the disk, once; nothing may be written to it any more."""
        self._forcing = threading.Lock()
        self._safe = 0
        """Where what is known to be on the disk ends."""
        self._named = False

    @classmethod
    def create(cls, path: Path, size: int) -> Segment:
        """Make an empty segment whose every byte has its place on disk, so that writing to it cannot fail.

        It appears under its name only when it is whole. Blocks for one file creation.

        Raises:
            SpoolError: no room on the disk, too many open files, or the directory cannot be written.
        """
        unfinished = path.with_suffix(UNFINISHED)
        try:
            descriptor = os.open(unfinished, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            try:
                _allocate(descriptor, size)
                os.pwrite(descriptor, _MAGIC + secrets.token_bytes(_SEED.size), 0)
            finally:
                os.close(descriptor)
            unfinished.rename(path)
            return cls(path)
        except OSError as error:
            for made in (unfinished, path):
                with contextlib.suppress(OSError):
                    made.unlink(missing_ok=True)
            raise SpoolError(
                f"a spool segment of {size:,} bytes cannot be made: {error.strerror}",
                where=str(path),
                remedy=remedy_of(error),
            ) from error

    def append(self, sequence: int, stream: int, key: bytes, attributes: bytes, value: bytes) -> int:
        """Write a record and return its offset; the caller has made sure, by ``room``, that it fits."""
        body = _BODY.pack(sequence, stream, len(key), len(attributes)) + key + attributes + value
        offset = self.end
        start = offset + 12
        end = start + len(body)
        self._map[start:end] = body
        self._map[offset:start] = _PREFIX.pack(_WAITING, len(body), zlib.crc32(body, self._seed))
        self.end = end
        self.waiting += 1
        self.waiting_bytes += end - offset
        return offset

    @property
    def room(self) -> int:
        """Bytes that may still be appended, ``OVERHEAD`` of each record included."""
        return self.size - self.end - 1

    def read(self, offset: int) -> Stored:
        """Return the record at an offset that ``append`` or ``scan`` gave.

        Raises:
            SpoolError: it is not what was written there: the disk lost it after it had left the memory.
        """
        _, length, checksum = _PREFIX.unpack_from(self._map, offset)
        body = self._map[offset + _PREFIX.size : offset + _PREFIX.size + length]
        if length < _BODY.size or zlib.crc32(body, self._seed) != checksum:
            raise SpoolError("a spooled event is damaged", where=f"{self.path} at {offset}")
        sequence, stream, key_size, attributes_size = _BODY.unpack_from(body)
        key_end = _BODY.size + key_size
        value_start = key_end + attributes_size
        return Stored(sequence, stream, body[_BODY.size : key_end], body[key_end:value_start], body[value_start:])

    def at(self, offset: int) -> Found:
        """Return where the waiting record at an offset is, as ``scan`` does."""
        found = self._at(offset)
        assert found is not None, "no record there"  # noqa: S101 - a mistake in this package
        return found

    def release(self, offset: int) -> None:
        """Mark a record as delivered; a later ``scan`` says so, whatever becomes of this process."""
        self._map[offset + 3] = _RELEASED
        self.waiting -= 1
        self.waiting_bytes -= _PREFIX.size + _PREFIX.unpack_from(self._map, offset)[1]

    def scan(self) -> Iterator[Found]:
        """Yield every whole record in the order of writing, and take the segment's counts from them.

        Sets ``damaged`` when bytes were met that are neither a record nor the unwritten rest, or when there is no such
        rest; records after damage are still found.
        """
        self.end, self.waiting, self.waiting_bytes = HEADER, 0, 0
        while (found := self._next(self.end)) is not None:
            self.end = found.offset + found.size
            if found.waiting:
                self.waiting += 1
                self.waiting_bytes += found.size
            yield found

    def sync(self, disk: Disk, offset: int) -> None:
        """Force what was appended to the disk, at least as far as the record at an offset; safe from any thread.

        Blocks for as long as the disk takes, for this thread and those before it. Once it has failed it fails for good:
        the system tells a failure to write but once, and of what was written until then it may say later, to the next
        who asks, that it is safe.

        Raises:
            OSError: the disk refused.
        """
        with self._forcing:
            if offset < self._safe:
                return
            if self.failure is not None:
                raise OSError(self.failure.errno, self.failure.strerror)
            end = self.end
            try:
                disk.force(self.descriptor)
                if not self._named:
                    disk.force_names(self.path.parent)
                    self._named = True
            except OSError as error:
                self.failure = error
                raise
            self._safe = end

    def close(self) -> None:
        """Unmap the file; the records stay on disk."""
        self._map.close()
        os.close(self.descriptor)

    def _next(self, offset: int) -> Found | None:
        found = self._at(offset)
        if found is not None:
            return found
        unwritten = offset < self.size and not any(self._map[offset : offset + _PREFIX.size])
        while (offset := self._map.find(_MARK, offset + 1)) >= 0:
            if (found := self._at(offset)) is not None:
                self.damaged = True
                return found
        # A body without its prefix is an append that a crash interrupted: nobody was told that it was accepted.
        self.damaged = self.damaged or not unwritten
        return None

    def _at(self, offset: int) -> Found | None:
        if offset + OVERHEAD > self.size:
            return None
        mark, length, checksum = _PREFIX.unpack_from(self._map, offset)
        end = offset + _PREFIX.size + length
        if mark[:3] != _MARK or length < _BODY.size or end > self.size:
            return None
        body = self._map[offset + _PREFIX.size : end]
        if zlib.crc32(body, self._seed) != checksum:
            return None
        sequence, stream, key_size, attributes_size = _BODY.unpack_from(body)
        if _BODY.size + key_size + attributes_size > length:
            return None
        return Found(offset, sequence, stream, end - offset, mark[3] != _RELEASED)


def _allocate(descriptor: int, size: int) -> None:
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(descriptor, 0, size)
        return
    # macOS has no posix_fallocate: writing the zeros claims the room as well.
    chunk = bytes(min(size, 1 << 20))
    for start in range(0, size, len(chunk)):
        os.pwrite(descriptor, chunk[: size - start], start)
