"""How long each partition stood still: its stored position, looked at fifty times a second."""

from __future__ import annotations

import threading
import time
from itertools import pairwise
from types import TracebackType
from typing import Final, Self

from drills.account import positions
from drills.stage import PARTITIONS, Stage
from drills.waiting import Work

_LOOK_S: Final = 0.02
_ENDED_S: Final = 30.0


class Watch:
    """Notes when each partition's stored position moves; a context manager that looks from a thread of its own.

    Means something only while records come to every partition all the time.

    Args:
        stage: whose positions.
    """

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._moves: list[list[float]] = [[] for _ in range(PARTITIONS)]
        self._ending = threading.Event()
        self._thread = Work(self._look, "watch")

    def stalls(self, since: float, until: float) -> list[float]:
        """Return for each partition the longest stand-still, in seconds, that overlaps this time.

        Args:
            since: seconds on the monotonic clock.
            until: the same; a stand-still that begins before it counts in full.
        """
        now = time.monotonic()
        longest = []
        for moves in self._moves:
            looks = pairwise([*moves, now])
            still = [after - before for before, after in looks if before <= until and after >= since]
            longest.append(max(still, default=0.0))
        return longest

    def _look(self) -> None:
        before: dict[int, int] = {}
        while not self._ending.wait(_LOOK_S):
            now, found = time.monotonic(), positions(self._stage)
            for partition, position in found.items():
                if before.get(partition) != position:
                    self._moves[partition].append(now)
            before |= found

    def __enter__(self) -> Self:
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
