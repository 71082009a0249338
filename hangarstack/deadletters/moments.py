"""Moments as people type them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

from hangarstack.errors import RepairError

_AGO: Final = re.compile(r"(\d{1,6})\s*([smhd])")
_SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def moment_ms(text: str, now: float) -> int:
    """Return a moment in milliseconds since 1970.

    Args:
        text: ``2026-11-22``, ``2026-11-22T10:30``, with a time zone or in UTC, or how long ago: ``90s``, ``30m``,
            ``2h``, ``7d``.
        now: seconds since 1970.

    Raises:
        RepairError: it is neither.
    """
    ago = _AGO.fullmatch(text.strip())
    if ago:
        return int(1000 * (now - int(ago[1]) * _SECONDS[ago[2]]))
    try:
        found = datetime.fromisoformat(text.strip())
        return int(1000 * (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp())
    except (ValueError, OverflowError):
        raise RepairError(
            "that is no moment",
            where=text[:100],
            remedy="Write 2026-11-22T10:30 (UTC unless it has a time zone), or how long ago: 30m, 2h, 7d",
        ) from None
