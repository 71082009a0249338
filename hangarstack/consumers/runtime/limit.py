"""The rule that a service stops rather than drain a topic into its dead letters."""

from __future__ import annotations

from hangarstack.consumers.runtime.ports import PartitionId
from hangarstack.errors import DeadLetterLimitError


def limit_reached(one: PartitionId, offset: int, limit: int) -> DeadLetterLimitError:
    """Return the error for a record that would be one dead letter too many.

    Args:
        one: the record's partition.
        offset: the record's offset.
        limit: how many dead letters in a row are allowed.
    """
    return DeadLetterLimitError(
        f"{limit} records in a row could not be handled, and the next one cannot either",
        where=f"{one[0]}[{one[1]}]@{offset}",
        remedy=f"See why in {one[0]}.dlq and mend the producer or the service, then start it again; "
        "or raise HANGARSTACK_DEAD_LETTER_LIMIT to let them pass",
    )


__all__ = ["limit_reached"]
