"""Noticing that the stored position of a partition was moved while no record of it came."""

from __future__ import annotations

import logging
from typing import Final

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from hangarstack.consumers.runtime.assignment import Assignment
from hangarstack.consumers.runtime.outage import reason
from hangarstack.consumers.runtime.partition import Hold
from hangarstack.consumers.runtime.placement import Placement
from hangarstack.consumers.runtime.ports import Clock

_log: Final = logging.getLogger(__name__)
_EVERY_S: Final = 1.0


class Watch:
    """Reads the stored positions of idle partitions once a second.

    A batch finds out by itself that its partition was moved: it is fenced. Where none comes, nobody would read what a
    rebuild has left to the service, and the lag would be told from a position that does not hold any more.

    Args:
        assignment: the partitions of this member.
        placement: knows the stored positions.
        clock: the time now.
    """

    def __init__(self, assignment: Assignment, placement: Placement, clock: Clock) -> None:
        self._assignment = assignment
        self._placement = placement
        self._clock = clock
        self._look_at = 0.0

    def look_due(self) -> None:
        """Have the partitions placed anew that were moved; blocks for one short query, once a second at most.

        No query is made for partitions that were placed or have committed within the last second.
        """
        now = self._clock.monotonic()
        if now < self._look_at:
            return
        self._look_at = now + _EVERY_S
        idle = {
            one: (partition.key, partition.position)
            for one, partition in self._assignment.owned.items()
            if partition.key is not None and partition.held is None and now - partition.known_at >= _EVERY_S
        }
        if not idle:
            return
        try:
            moved = self._placement.moved(idle)
        except (DBAPIError, PoolTimeoutError) as error:
            # No record waits for it; the next batch will tell an outage as such.
            _log.debug("the stored positions cannot be read: %s", reason(error))
            return
        if moved:
            _log.info("another process moved the stored positions", extra={"partitions": sorted(moved)})
            self._assignment.hold(moved, Hold.FENCED, 0.0)


__all__ = ["Watch"]
