"""Gaps between the offsets of a partition: in its log, or made by the client that reads it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple


class Gap(NamedTuple):
    """The offset that was to come, and the greater one that came."""

    expected: int
    came: int


class Run(NamedTuple):
    """Offsets without a gap: the first one, and the one behind the last."""

    first: int
    end: int


@dataclass(slots=True)
class Seen:
    """Offsets that a log was seen to have: runs of them, because they are millions after a long skip.

    Args:
        runs: they grow, and none touches the next.
    """

    runs: list[Run] = field(default_factory=list)

    def note(self, offsets: Iterable[int]) -> None:
        """Add offsets."""
        merged: list[Run] = []
        for first, end in sorted([*self.runs, *(Run(offset, offset + 1) for offset in offsets)]):
            if merged and first <= merged[-1].end:
                merged[-1] = Run(merged[-1].first, max(end, merged[-1].end))
            else:
                merged.append(Run(first, end))
        self.runs = merged

    def forget(self, before: int) -> None:
        """Drop what is before an offset."""
        self.runs = [Run(max(run.first, before), run.end) for run in self.runs if run.end > before]

    def has_any(self, gap: Gap) -> bool:
        """Tell whether one of them is within a gap."""
        at = bisect_right(self.runs, gap.expected, key=lambda run: run.end)
        return at < len(self.runs) and self.runs[at].first < gap.came


@dataclass(slots=True)
class Doubt:
    """What came of a partition from its first gap on.

    A gap of the log (compaction, the end of a transaction, retention) is there again when the place is read again. One
    that a client has made is not there for another one. Where nobody can be asked, it is believed when it was seen
    twice and no record was ever seen in it. All of a batch are noted at once, so that a compacted log costs one more
    look at each batch, not one for each gap.

    Args:
        expected: the offset that was to come.
        offsets: those that came.
    """

    expected: int
    offsets: list[int] = field(default_factory=list)

    @property
    def gaps(self) -> frozenset[Gap]:
        """The gaps among these offsets and before them."""
        return gaps(self.expected, self.offsets)


def gaps(expected: int, offsets: Iterable[int]) -> frozenset[Gap]:
    """Return the gaps among offsets that grow, and before them.

    Args:
        expected: the first one without a gap.
        offsets: the others.
    """
    found = []
    for offset in offsets:
        if offset > expected:
            found.append(Gap(expected, offset))
        expected = offset + 1
    return frozenset(found)


__all__ = ["Doubt", "Gap", "Seen", "gaps"]
