"""How long each partition stood still: its stored position, looked at fifty times a second."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from itertools import pairwise
from types import TracebackType
from typing import Final, Self

from drills.stage import PARTITIONS
from drills.waiting import Work

_LOOK_S: Final = 0.02
_ENDED_S: Final = 30.0


class Watch:
    """Notes when each partition's stored position moves; a context manager that looks from a thread of its own.

    Means something only while records come to every partition all the time. What was not looked at stood still: a
    stand-still lasts from the last look before a move to the look after the next one.

    Args:
        look: returns the stored positions; none when they cannot be read.
    """

    def __init__(self, look: Callable[[], Mapping[int, int]]) -> None:
        self._look = look
        self._moves: list[list[tuple[float, float]]] = [[] for _ in range(PARTITIONS)]
        """Of each partition, the looks between which it moved; the beginning counts as a move."""
        self._began = 0.0
        self._ending = threading.Event()
        self._thread = Work(self._run, "watch")

    def stalls(self, since: float, until: float) -> list[float]:
        """Return for each partition the longest stand-still, in seconds, that overlaps this time.

        Args:
            since: seconds on the monotonic clock, not before the watch began.
            until: the same; a stand-still that begins before it counts in full.
        """
        now = time.monotonic()
        longest = []
        for moves in self._moves:
            looks = [(before, after) for (before, _), (_, after) in pairwise([*moves, (now, now)])]
            longest.append(max(after - before for before, after in looks if before <= until and after >= since))
        return longest

    def _run(self) -> None:
        seen: dict[int, int] = {}
        last = self._began
        while not self._ending.wait(_LOOK_S):
            asked, found, answered = time.monotonic(), self._look(), time.monotonic()
            for partition, position in found.items():
                if seen.get(partition) != position:
                    self._moves[partition].append((last, answered))
            seen.update(found)
            last = asked if found else last

    def __enter__(self) -> Self:
        self._began = time.monotonic()
        for moves in self._moves:
            moves.append((self._began, self._began))
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ending.set()
        self._thread.wait("the last look at the stored positions ends", _ENDED_S)


def percentile(values: list[float], share: float) -> float:
    """Return the value that this share of the values does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


__all__ = ["Watch", "percentile"]
