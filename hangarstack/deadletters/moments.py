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
    try:
        found = now - int(ago[1]) * _SECONDS[ago[2]] if ago else _date(text.strip())
    except (ValueError, OverflowError):
        found = -1
    # What lies before 1970 is no time of a record; Kafka takes some negative ones for words.
    if found < 0:
        raise RepairError(
            "that is no moment",
            where=text[:100],
            remedy="Write 2026-11-22T10:30 (UTC unless it has a time zone), or how long ago: 30m, 2h, 7d",
        )
    return int(1000 * found)


def _date(text: str) -> float:
    found = datetime.fromisoformat(text)
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
