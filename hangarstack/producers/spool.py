"""The write-ahead journal of one process: accepted events that the broker has not acknowledged yet.

``HOME/spool/<component>/``: ``slots/<slot>/*.spool`` hold records, one slot a process; ``streams/*.json`` what records
refer to; ``aside/`` what could not be read. Acknowledged segments are deleted. A slot whose process died is taken by
the next one that starts, or adopted by one that runs.
"""

from __future__ import annotations

import secrets
import time
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

import structlog

from hangarstack.errors import SpoolError, SpoolFullError
from hangarstack.producers.record import Record, Stream
from hangarstack.producers.segment import FRAME, OVERHEAD, SUFFIX, UNFINISHED, Found, Segment
from hangarstack.producers.shelf import Shelf
from hangarstack.producers.slots import Slot, claim, claim_free

_SEGMENTS: Final = 16
_LARGEST_SEGMENT: Final = 4 * 1024 * 1024
Scanned = tuple[Segment, list[Found]]
"""A segment and the records in it that wait."""

_log = structlog.get_logger("hangarstack.producers.spool")


class Spool:
    """Keeps records until they are released, in the order of acceptance.

    Survives SIGKILL of the process at any instant: the next owner finds exactly the records that were appended and
    not released. Survives power loss only as far as ``sync`` was called. Not thread-safe: the owner holds a lock.

    A record whose stream's file is lost cannot be sent: it stays, ``len`` counts it, and ``problems`` names the file.

    ``recovered`` is what was found at the start: the tokens and streams of waiting records, in the order of acceptance.

    Args:
        directory: the component's directory; made when missing.
        capacity: bytes of disk that records may take.
        clock: nanoseconds since 1970; may step back.

    Raises:
        SpoolError: the directory cannot be used, or the disk is full.
    """

    def __init__(self, directory: Path, capacity: int, clock: Callable[[], int] = time.time_ns) -> None:
        self.capacity = capacity
        self._clock = clock
        self.used = 0
        self._size = min(_LARGEST_SEGMENT, capacity // _SEGMENTS)
        self._slots = directory / "slots"
        self._slot: Slot = claim(self._slots)
        self._shelf = Shelf(directory)
        self._segments: list[Segment] = []
        self._current: Segment | None = None
        self._places: dict[int, tuple[Segment, int]] = {}
        self._stranded: list[tuple[Segment, int, int]] = []
        self._last = 0
        try:
            self.recovered = self.admit(self._inspect(list(self._slot.path.iterdir())))
            if self.used + self._size <= capacity:
                self._current = self._grow(0)
        except BaseException:
            self.close()
            raise

    def __len__(self) -> int:
        return len(self._places) + len(self._stranded)

    def append(self, stream: Stream, key: bytes, attributes: bytes, value: bytes) -> int:
        """Store a record and return its token, the time of acceptance in nanoseconds, always growing.

        Does not block, save when a new segment or a stream not met before makes a file.

        Raises:
            SpoolFullError: no room; nothing was stored.
        """
        need = OVERHEAD + len(key) + len(attributes) + len(value)
        if stream.fingerprint not in self._shelf:
            self._shelf.put(stream)
        segment = self._current
        if segment is None or need > segment.room:
            segment = self._current = self._make_room(need)
        token = self._clock()
        if token <= self._last:
            token = self._last + 1
        offset = segment.append(token, stream.fingerprint, key, attributes, value)
        self._last = token
        self._places[token] = (segment, offset)
        return token

    def read(self, token: int) -> Record:
        """Return the record of a token that has not been released."""
        segment, offset = self._places[token]
        stored = segment.read(offset)
        return Record(self._shelf[stored.stream], stored.key, stored.attributes.decode(), stored.value)

    def release(self, token: int) -> None:
        """Forget a record, because it was delivered; in any order."""
        segment, offset = self._places.pop(token)
        segment.release(offset)
        if not segment.waiting and segment is not self._current:
            self._drop(segment)

    def oldest(self) -> int | None:
        """Return the token of the record that waits longest."""
        return min(self._places, default=None)

    def problems(self) -> list[str]:
        """Return why records cannot be sent, and what to do about it; safe without the owner's lock."""
        return [
            f"{self._shelf.path(stream)}: the stream of {count:,} spooled events is lost. Restore the file, or publish"
            " an event of that class with the release that spooled them; then start the process again"
            for stream, count in Counter(stream for _, _, stream in self._stranded.copy()).items()
        ]

    def sync(self, token: int) -> None:
        """Force a record to the disk; safe without the owner's lock.

        Raises:
            SpoolError: the disk refused.
        """
        while (place := self._places.get(token)) is not None:
            try:
                place[0].sync()
            except OSError as error:
                # The record may have been acknowledged or moved, and its segment closed, since the look-up.
                if self._places.get(token) is place:
                    raise SpoolError(
                        f"the spool cannot be forced to disk: {error.strerror}", where=str(self._slot.path)
                    ) from error
            else:
                return

    def salvage(self) -> list[Scanned]:
        """Take the segments that dead processes of this component left: as far as there is room, or all while this one
        holds nothing.

        Safe without the owner's lock; blocks for the reading of those segments. ``admit`` makes them part of
        this spool.
        """
        scanned: list[Scanned] = []
        room = self.capacity - self.used if self._places else 1 << 62
        for slot in claim_free(self._slots):
            paths = list(slot.path.iterdir())
            size = sum(path.stat().st_size for path in paths)
            if size <= room:
                room -= size
                scanned += self._inspect([path.rename(self._slot.path / path.name) for path in paths])
            slot.close()
        return scanned

    def admit(self, scanned: Iterable[Scanned]) -> list[tuple[int, Stream]]:
        """Add what ``salvage`` took, and return the tokens of the records with their streams, in order."""
        found: list[tuple[Segment, Found]] = []
        for segment, records in scanned:
            self._segments.append(segment)
            self.used += segment.size
            found += ((segment, record) for record in records)
            if not segment.waiting:
                self._drop(segment)
        return self._place(found)

    def close(self) -> None:
        """Close the files and let the slot go; what was not released stays for the next process."""
        for segment in list(self._segments):
            if segment.waiting:
                segment.close()
            else:
                self._drop(segment)
        self._slot.close()

    def forget(self) -> None:
        """Close this process's copies after a fork, without touching what the parent goes on using."""
        for segment in self._segments:
            segment.close()
        self._slot.forget()

    def _inspect(self, paths: Iterable[Path]) -> list[Scanned]:
        """Read segments; set aside whatever is not one."""
        scanned: list[Scanned] = []
        for path in sorted(paths):
            if path.suffix == UNFINISHED and not path.is_dir():
                path.unlink()
                continue
            try:
                segment = Segment(path)
            except SpoolError as error:
                self._shelf.set_aside(path, error)
                continue
            scanned.append((segment, [record for record in segment.scan() if record.waiting]))
            _warn_of_damage(segment)
        return scanned

    def _place(self, found: Iterable[tuple[Segment, Found]]) -> list[tuple[int, Stream]]:
        placed: list[tuple[int, Stream]] = []
        stranded_before = len(self._stranded)
        for segment, record in sorted(found, key=lambda pair: (pair[1].sequence, pair[0].path.name)):
            if record.stream not in self._shelf:
                self._stranded.append((segment, record.offset, record.stream))
                continue
            token = record.sequence
            # Two processes may have accepted an event in the same nanosecond.
            while token in self._places:
                token += 1
            self._places[token] = (segment, record.offset)
            self._last = max(self._last, token)
            placed.append((token, self._shelf[record.stream]))
        for problem in self.problems() if len(self._stranded) > stranded_before else ():
            _log.error("records of an unknown stream are kept but cannot be sent", reason=problem, error="SpoolError")
        return placed

    def _make_room(self, need: int) -> Segment:
        if self._current is not None and not self._current.waiting:
            # First: on a full disk its room is all that there is.
            full, self._current = self._current, None
            self._drop(full)
        try:
            if self.used + max(self._size, FRAME + need) <= self.capacity:
                return self._grow(need)
            return self._evacuate(need)
        except SpoolError as error:
            raise SpoolFullError(error.what, where=error.where, remedy=error.remedy) from error

    def _evacuate(self, need: int) -> Segment:
        """Move the few records that hold a segment into a new one, so that a refused topic cannot fill the spool."""
        victim = min(self._segments, key=lambda segment: segment.waiting_bytes)
        room = max(self._size, FRAME + need + victim.waiting_bytes)
        if victim.waiting_bytes * 2 > victim.size or self.used - victim.size + room > self.capacity:
            raise SpoolFullError(
                f"the spool is full: {len(self):,} events wait for the broker",
                where=str(self._slot.path),
                remedy="See why the broker or the registry does not take them; HANGARSTACK_SPOOL_BYTES sets the room",
            )
        fresh = self._grow(need + victim.waiting_bytes)
        for token, (segment, offset) in list(self._places.items()):
            if segment is victim:
                stored = victim.read(offset)
                self._places[token] = (fresh, fresh.append(*stored))
                victim.release(offset)
        for index, (segment, offset, stream) in enumerate(self._stranded):
            if segment is victim:
                self._stranded[index] = (fresh, fresh.append(*victim.read(offset)), stream)
                victim.release(offset)
        # The copies must be as safe from power loss as the originals were.
        fresh.sync()
        self._drop(victim)
        return fresh

    def _grow(self, need: int) -> Segment:
        name = f"{time.time_ns():016x}-{secrets.token_hex(4)}{SUFFIX}"
        segment = Segment.create(self._slot.path / name, max(self._size, FRAME + need))
        self._segments.append(segment)
        self.used += segment.size
        return segment

    def _drop(self, segment: Segment) -> None:
        self._segments.remove(segment)
        self.used -= segment.size
        segment.close()
        if segment.damaged:
            self._shelf.set_aside(segment.path, SpoolError("a damaged spool segment", where=str(segment.path)))
        else:
            segment.path.unlink(missing_ok=True)


def _warn_of_damage(segment: Segment) -> None:
    if segment.damaged:
        _log.error(
            "a spool segment is damaged: what can be read is sent, the file is set aside afterwards",
            where=str(segment.path),
            readable=segment.waiting,
            error="SpoolError",
        )
