"""What a change may do to a consumer."""

from __future__ import annotations

import enum
from typing import Final


class Effect(enum.StrEnum):
    """How bad it is, worst first."""

    BREAKS = "breaks in any order"
    FIRST = "breaks unless it is deployed before the producers"
    LAST = "breaks unless it is deployed after the old events have ended"
    MISREADS = "misreads"
    BROKEN = "breaks already"
    MISREAD = "misreads already"
    UNTRIED = "may misread"
    LOSES = "loses data"
    CHANGES = "must change"
    NONE = "untouched"


STOPPING: Final = frozenset({Effect.BREAKS, Effect.MISREADS})
"""What no order of deployment saves a consumer from."""
