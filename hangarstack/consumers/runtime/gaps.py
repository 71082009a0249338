"""Gaps between the offsets of a partition: in its log, or made by the client that reads it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple


class Gap(NamedTuple):
    """The offset that was to come, and the greater one that came."""

    expected: int
    came: int


@dataclass(slots=True)
class Doubt:
    """What came of a partition from its first gap on.

    A gap of the log (compaction, the end of a transaction, retention) is there again when the place is read again. One
    that a client has made is not there for another one. Where nobody can be asked, it is believed when it was seen
    twice. All of a batch are noted at once, so that a compacted log costs one more look at each batch, not one for each
    gap.

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


__all__ = ["Doubt", "Gap", "gaps"]
