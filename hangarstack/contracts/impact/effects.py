"""What a change may do to a consumer."""

from __future__ import annotations

import enum
from typing import Final


class Effect(enum.StrEnum):
    """How bad it is, worst first."""

    BREAKS = "breaks in any order"
    MIXED = "breaks or misreads in any order"
    MISREADS = "misreads in any order"
    FIRST = "breaks unless it is deployed before the producers"
    LAST = "breaks unless it is deployed after the old events have ended"
    MISREADS_UNLESS_FIRST = "misreads unless it is deployed before the producers"
    MISREADS_UNLESS_LAST = "misreads unless it is deployed after the old events have ended"
    BROKEN = "breaks already"
    MISREAD = "misreads already"
    UNTRIED = "may misread"
    LOSES = "loses data"
    LOSES_UNLESS_FIRST = "loses data unless it is deployed before the producers"
    CHANGES = "must change"
    NONE = "untouched"


STOPPING: Final = frozenset({Effect.BREAKS, Effect.MIXED, Effect.MISREADS})
"""What no order of deployment saves a consumer from."""
GOES_FIRST: Final = frozenset({Effect.FIRST, Effect.MISREADS_UNLESS_FIRST, Effect.LOSES_UNLESS_FIRST})
"""What a consumer is saved from that is deployed before the producers."""
GOES_LAST: Final = frozenset({Effect.LAST, Effect.MISREADS_UNLESS_LAST})
"""What a consumer is saved from that is deployed when no old event is left."""
