"""What a member knows of one partition that it owns."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from hangarstack.consumers.runtime.gaps import Gap, Seen
from hangarstack.consumers.runtime.offsets import OffsetKey
from hangarstack.consumers.runtime.record import Record


class Hold(StrEnum):
    """Why a partition is not read at the moment."""

    OUTAGE = "outage"
    RETRY = "retry"
    FENCED = "fenced"
    MISPLACED = "misplaced"


@dataclass(slots=True, kw_only=True)
class Partition:
    """One owned partition; changed by the assignment only.

    Args:
        key: which log it is; None until its position was found.
        position: the first offset that was not handled, as stored in the database.
        known_at: when that was so last, on the monotonic clock.
        dead_in_row: dead letters since its last good record.
        failures: how often in a row the service failed on a batch with its records.
        failed_at: when the first of these was, in seconds since 1970.
        outages: how often in a row something that it needs was not to be had.
        blocked: a record at its position waits for an outage to pass, between attempts too; so until it is handled or
            gone.
        held: why it is not read; None when it is.
        until: when to try again, on the monotonic clock.
        suspect: the log did not seem to have its position.
        gaps: of the log, or, where that could not be asked, seen when it was read last: they are believed.
        missed: gaps that the client made when it was read last: the log has records there.
        looked_at: when the log was asked about gaps last, on the monotonic clock.
        seen: offsets from the position on that the log was seen to have, because it was asked or they came.
        lettered: records from the position on whose dead letters are written already: offset to time of the record.
    """

    key: OffsetKey | None = None
    position: int = 0
    known_at: float = 0.0
    dead_in_row: int = 0
    failures: int = 0
    failed_at: float = 0.0
    outages: int = 0
    blocked: bool = False
    held: Hold | None = None
    until: float = 0.0
    suspect: bool = False
    gaps: frozenset[Gap] = frozenset()
    missed: frozenset[Gap] = frozenset()
    looked_at: float = 0.0
    seen: Seen = field(default_factory=Seen)
    lettered: dict[int, int] = field(default_factory=dict)

    def without_seen(self, gaps: Iterable[Gap]) -> frozenset[Gap]:
        """Return those of some gaps in which the log was not seen to have a record."""
        return frozenset(gap for gap in gaps if not self.seen.has_any(gap))

    def has_letter(self, record: Record) -> bool:
        """Tell whether the record's dead letter is written; another one may be at its offset in a log that was cut."""
        return self.lettered.get(record.offset()) == record.timestamp()[1]


__all__ = ["Hold", "Partition"]
