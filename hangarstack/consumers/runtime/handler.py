"""Getting a batch done, however often it fails."""

from __future__ import annotations

import logging
from typing import Final

from hangarstack.consumers.runtime.assignment import Assignment
from hangarstack.consumers.runtime.backoff import Backoff
from hangarstack.consumers.runtime.batch import Batch
from hangarstack.consumers.runtime.committer import Committer
from hangarstack.consumers.runtime.isolation import Isolation
from hangarstack.consumers.runtime.outage import is_outage, reason
from hangarstack.consumers.runtime.partition import Hold
from hangarstack.consumers.runtime.ports import Clock, PartitionId

_log: Final = logging.getLogger(__name__)
_RETRY: Final = Backoff(first_s=0.1, factor=4.0, longest_s=2.0)
_ATTEMPTS: Final = 3
"""A batch that has failed so often in a row is taken apart."""
_LONGEST_S: Final = 2.0
"""Nothing is polled meanwhile, so rebalances wait: what is left after so long is taken apart in a later turn."""


class Handler:
    """Commits a batch; after a failure its partitions are held and read again, so nothing waits in memory.

    Args:
        committer: commits it.
        isolation: finds the records that make it fail.
        assignment: the partitions of this member.
        clock: the time now.
    """

    def __init__(self, committer: Committer, isolation: Isolation, assignment: Assignment, clock: Clock) -> None:
        self._committer = committer
        self._isolation = isolation
        self._assignment = assignment
        self._clock = clock

    def handle(self, batch: Batch) -> None:
        """Commit the batch, or hold its partitions: for an outage as long as it lasts, else for a few retries.

        What has failed too often is taken apart, apart from the rest. Blocks for the transaction and the
        acknowledgement of dead letters, a few seconds at most, if the service itself is no slower.

        Raises:
            DeadLetterLimitError: too many records in a row fail.
        """
        until = self._clock.monotonic() + _LONGEST_S
        known = self._isolation.suspects(batch)
        try:
            suspects = known | self._commit(batch.without(known))
            batch = batch.without(batch.moves.keys() - suspects)
            if known or self._clock.monotonic() < until:
                self._isolation.search(batch, until)
            else:
                self._assignment.hold(suspects, Hold.RETRY, 0.0)
        except Exception as outage:
            if not is_outage(outage):
                raise
            self._assignment.hold_for_outage(list(batch.moves), outage)

    def _commit(self, batch: Batch) -> set[PartitionId]:
        """Return the partitions that are to be searched because the batch has failed too often."""
        try:
            self._committer.commit(batch)
        except Exception as error:
            if is_outage(error):
                raise
            return self._failed(batch, error)
        return set()

    def _failed(self, batch: Batch, error: Exception) -> set[PartitionId]:
        failures, since = self._assignment.failed(batch.moves, self._clock.wall())
        if failures >= _ATTEMPTS:
            self._isolation.suspect(batch, failures, since)
            return self._isolation.suspects(batch)
        delay = _RETRY.delay(failures)
        _log.warning(
            "retrying: %s",
            reason(error),
            extra={"partitions": sorted(batch.moves), "attempt": failures, "retry_in_s": round(delay, 2)},
        )
        self._assignment.hold(batch.moves, Hold.RETRY, delay)
        return set()


__all__ = ["Handler"]
