"""The write-ahead journal of one process: accepted events that the broker has not acknowledged yet.

``HOME/spool/<component>/``: ``slots/<slot>/*.spool`` hold records, one slot a process; ``streams/*.json`` what records
refer to; ``aside/`` what is no segment, or a damaged one. Acknowledged segments are deleted. A slot whose process died
is taken by the next one that starts, or adopted by one that runs.
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
from hangarstack.producers.disk import DISK, Disk
from hangarstack.producers.leftovers import Leftovers, Scanned
from hangarstack.producers.record import Record, Stream
from hangarstack.producers.segment import FRAME, OVERHEAD, SUFFIX, Found, Segment
from hangarstack.producers.shelf import Shelf
from hangarstack.producers.shortage import segments_at_once
from hangarstack.producers.slots import Slot, claim

_SEGMENTS: Final = 16
_FEWEST_SEGMENTS: Final = 8
_LARGEST_SEGMENT: Final = 16 * 1024 * 1024
"""A process that is idle holds one segment's room of the disk. Segments are larger where a spool is so large, or the
process may open so few files, that they would take more than half of the files that a spool may have."""
_TICK_NS: Final = 1_000_000
"""A clock no further behind the last token than this was not stepped back: it is coarse."""
_log = structlog.get_logger("hangarstack.producers.spool")


class Spool:
    """Keeps records until they are released, in the order of acceptance.

    Survives SIGKILL of the process at any instant: the next owner finds exactly the records that were appended and
    not released. Survives power loss only as far as ``sync`` was called. Not thread-safe: the owner holds a lock.

    A record whose stream's file is lost cannot be sent: it stays, ``len`` counts it, and ``problems`` names the file.
    A segment that cannot be read now, because of too many open files say, stays too. Both are tried again by
    ``salvage`` and ``admit``.

    ``recovered`` is what was found at the start: the tokens and streams of waiting records, in the order of acceptance.
    On a full disk it opens all the same, delivers what it holds, and takes records once there is room.

    Args:
        directory: the component's directory; made when missing.
        capacity: bytes of disk that records may take.
        clock: nanoseconds since 1970; may step back.
        disk: forces records to it.

    Raises:
        SpoolFullError: the disk has no room even for a directory.
        SpoolError: the directory cannot be used.
    """

    def __init__(
        self, directory: Path, capacity: int, clock: Callable[[], int] = time.time_ns, disk: Disk = DISK
    ) -> None:
        self.capacity = capacity
        self._clock = clock
        self._disk = disk
        self.used = 0
        self._size = max(
            min(_LARGEST_SEGMENT, capacity // _SEGMENTS), capacity // max(_FEWEST_SEGMENTS, segments_at_once() // 2)
        )
        self._slots = directory / "slots"
        self._slot: Slot = claim(self._slots)
        self._shelf = Shelf(directory, disk)
        self._segments: dict[Segment, list[int]] = {}
        """Each with the tokens that were given to records in it, of which some are released."""
        self._refusal = ""
        """Why the last record was not taken."""
        self._current: Segment | None = None
        self._places: dict[int, tuple[Segment, int]] = {}
        self._stranded: list[tuple[Segment, int, int]] = []
        self._last = 0
        self.clock_behind = 0
        """How many records were appended while the clock was behind that of an earlier one."""
        self._named = False
        try:
            self._leftovers = Leftovers(self._slots, self._slot, self._shelf, disk)
            self.recovered = self._recover()
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
            SpoolError: a stream not met before cannot be noted; nothing was stored.
        """
        need = OVERHEAD + len(key) + len(attributes) + len(value)
        if stream.fingerprint not in self._shelf:
            self._shelf.put(stream)
        segment = self._current
        if segment is None or segment.failure is not None or need > segment.room:
            segment = self._current = self._make_room(need)
        now = self._clock()
        token = max(now, self._last + 1)
        offset = segment.append(token, stream.fingerprint, key, attributes, value)
        self.clock_behind += token - now > _TICK_NS
        self._last = token
        self._refusal = ""
        self._hold(token, segment, offset)
        return token

    def read(self, token: int) -> Record:
        """Return the record of a token that has not been released."""
        segment, offset = self._places[token]
        stored = segment.read(offset)
        return Record(self._shelf[stored.stream], stored.key, stored.attributes.decode(), stored.value)

    def release(self, token: int) -> None:
        """Forget a record, because it was delivered or refused; in any order."""
        segment, offset = self._places.pop(token)
        segment.release(offset)
        if not segment.waiting and segment is not self._current:
            self._drop(segment)

    def oldest(self) -> int | None:
        """Return the token of the record that waits longest."""
        return min(self._places, default=None)

    def problems(self) -> list[str]:
        """Return why records are not taken or cannot be sent, and what to do; safe without the owner's lock."""
        told = [f"events are refused: {self._refusal}"] if self._refusal else []
        return [*told, *self._leftovers.problems(), *self._lost_streams(), *self._shelf.problems()]

    @property
    def unread(self) -> int:
        """How many files of this spool cannot be read now."""
        return self._leftovers.unread

    def aside(self) -> int:
        """Return how many files of the component are set aside.

        Raises:
            OSError: the directory cannot be read.
        """
        return self._shelf.aside()

    def sync(self, token: int) -> None:
        """Force a record to the disk; safe without the owner's lock.

        Raises:
            SpoolError: the disk refused, this record or another one that was written to the same file before.
        """
        while (place := self._places.get(token)) is not None:
            try:
                place[0].sync(self._disk, place[1])
                self._force_names()
            except OSError as error:
                # The record may have been moved, and its segment closed, since the look-up.
                if self._places.get(token) is place:
                    raise SpoolError(
                        f"the spool cannot be forced to disk: {error.strerror}", where=str(self._slot.path)
                    ) from error
            else:
                return

    def salvage(self) -> list[Scanned]:
        """Take the segments that dead processes of this component left: as far as there is room, or all while this one
        holds nothing. And those of its own that could not be read before. No more than may be open at once.

        Safe without the owner's lock, from one thread; blocks for the reading of those segments. ``admit`` makes them
        part of this spool.
        """
        room = self.capacity - self.used if self._places else 1 << 62
        most = self._may_open()
        if most > 0:
            self._leftovers.take_over(room)
        return self._leftovers.read(most)

    def admit(self, scanned: Iterable[Scanned]) -> list[tuple[int, Stream]]:
        """Add what ``salvage`` took, and return the tokens of the records with their streams, in order.

        Among them are records of this spool whose stream could not be read before.
        """
        found = self._found_again()
        for segment, records in scanned:
            self._add(segment)
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

    def _found_again(self) -> list[tuple[Segment, Found]]:
        """Return the stranded records whose stream is known now; they are stranded no more."""
        known = {stream for stream in {stream for _, _, stream in self._stranded} if stream in self._shelf}
        again = [place for place in self._stranded if place[2] in known]
        self._stranded = [place for place in self._stranded if place[2] not in known]
        return [(segment, segment.at(offset)) for segment, offset, _ in again]

    def _lost_streams(self) -> list[str]:
        return [
            f"{self._shelf.path(stream)}: the stream of {count:,} spooled events cannot be read. Restore the file, or"
            " publish an event of that class with the release that spooled them; they are sent within seconds"
            for stream, count in Counter(stream for _, _, stream in self._stranded.copy()).items()
        ]

    def _may_open(self) -> int:
        """Return how many segments may be opened beside those that are, the one for what is new not counted."""
        return max(segments_at_once() - 1, 1) - len(self._segments) + (self._current is not None)

    def _recover(self) -> list[tuple[int, Stream]]:
        recovered = self.admit(self._leftovers.read(self._may_open()))
        if self.used + self._size <= self.capacity:
            try:
                self._current = self._grow(0)
            except SpoolError as error:
                self._refusal = str(error)
                _log.error("events are refused until the spool has room", reason=self._refusal, error="SpoolFullError")
        return recovered

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
            self._hold(token, segment, record.offset)
            self._last = max(self._last, token)
            placed.append((token, self._shelf[record.stream]))
        for problem in self._lost_streams() if len(self._stranded) > stranded_before else ():
            _log.error("records of an unknown stream are kept but cannot be sent", reason=problem, error="SpoolError")
        return placed

    def _hold(self, token: int, segment: Segment, offset: int) -> None:
        self._places[token] = (segment, offset)
        self._segments[segment].append(token)

    def _make_room(self, need: int) -> Segment:
        if FRAME + need > self.capacity:
            raise SpoolFullError(
                f"the event takes {FRAME + need:,} bytes of a spool that has {self.capacity:,}",
                where=str(self._slot.path),
                remedy="Raise HANGARSTACK_SPOOL_BYTES, or shorten the event's largest text",
            )
        if self._current is not None and not self._current.waiting:
            # First: on a full disk its room is all that there is.
            full, self._current = self._current, None
            self._drop(full)
        try:
            if self.used + max(self._size, FRAME + need) <= self.capacity:
                return self._grow(need)
            return self._evacuate(need)
        except SpoolFullError as error:
            self._refusal = str(error)
            raise
        except SpoolError as error:
            self._refusal = str(error)
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
        try:
            moved = [
                (token, place[1], fresh.append(*victim.read(place[1])))
                for token in self._segments[victim]
                if (place := self._places.get(token)) is not None and place[0] is victim
            ]
            stranded = [
                (index, offset, fresh.append(*victim.read(offset)), stream)
                for index, (segment, offset, stream) in enumerate(self._stranded)
                if segment is victim
            ]
            # The copies must be as safe from power loss as the originals were.
            fresh.sync(self._disk, fresh.end - 1)
        except SpoolError:
            self._drop(fresh)
            raise
        except OSError as error:
            self._drop(fresh)
            raise SpoolError(f"a spool segment cannot be moved: {error.strerror}", where=str(victim.path)) from error
        for token, offset, copy in moved:
            self._hold(token, fresh, copy)
            victim.release(offset)
        for index, offset, copy, stream in stranded:
            self._stranded[index] = (fresh, copy, stream)
            victim.release(offset)
        self._drop(victim)
        return fresh

    def _grow(self, need: int) -> Segment:
        name = f"{time.time_ns():016x}-{secrets.token_hex(4)}{SUFFIX}"
        segment = Segment.create(self._slot.path / name, max(self._size, FRAME + need))
        self._add(segment)
        return segment

    def _add(self, segment: Segment) -> None:
        self._segments[segment] = []
        self.used += segment.size

    def _drop(self, segment: Segment) -> None:
        del self._segments[segment]
        self.used -= segment.size
        segment.close()
        try:
            if segment.damaged:
                self._shelf.set_aside(segment.path, SpoolError("a damaged spool segment", where=str(segment.path)))
            else:
                segment.path.unlink(missing_ok=True)
        except OSError as error:
            # Nothing in it waits: read again, it is found empty and dropped once more.
            self._leftovers.put_back(segment.path, error)

    def _force_names(self) -> None:
        """Force the names of the directories that lead to the slot, HOME's among them, once."""
        if not self._named:
            for directory in (self._slots, *self._slots.parents[:3]):
                self._disk.force_names(directory)
            self._named = True
        self._shelf.sync()
