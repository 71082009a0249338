"""Noticing what happened to a partition while no record of it came."""

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
    """Looks at idle partitions once a second: at their stored positions, and for records that waited and are gone.

    A batch finds out by itself that its partition was moved: it is fenced. Where none comes, nobody would read what a
    rebuild has left to the service, and the lag would be told from a position that does not hold any more. A record
    that waits for an outage comes again at each attempt. Where it does not, it may have been deleted meanwhile.

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
        """Have the partitions placed anew that were moved or blocked; blocks for a short query, once a second at most.

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
        for one in [one for one in idle if self._assignment.owned[one].blocked]:
            del idle[one]
            self._assignment.misplaced(one)
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
