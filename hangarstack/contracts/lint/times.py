"""Which names of fields say that they hold a time."""

from __future__ import annotations

from typing import Final

from hangarstack.contracts.lint.words import listed, singular, words_of

_UNITS: Final = listed(
    "s sec secs second seconds ms msec millis milli millisecond milliseconds us usec micros micro microsecond "
    "microseconds ns nanos nano nanosecond nanoseconds utc gmt unix"
)
"""Last words that only say how a time is counted."""
_ALWAYS: Final = listed("at timestamp datetime date ts until since deadline expires expire expiry expiration")
_ALONE: Final = listed("time created updated modified")
"""What is a time as a whole name, and otherwise may count something: ``items_created``."""
_DURATIONS: Final = listed(
    "lead response reaction processing elapsed wait waiting run running execution cpu load loading cycle travel flight "
    "total service queue idle down up busy dwell transit turnaround trip hold build render average avg mean median max "
    "min minimum maximum of per"
)
"""Words before ``time`` or ``day`` that make a length of it, or a rate."""
_COUNTERS: Final = listed("leader producer controller broker config training")
"""Words before ``epoch`` that make a number of it which only grows."""
_AGAIN: Final = listed("first last date time")
_VALIDITY: Final = listed("valid effective active")


def says_time(name: str, *, many: bool) -> bool:
    """Tell whether a name is that of a point in time, and not of how long something took.

    Args:
        name: of a field.
        many: whether the field may hold several, so that the name may be a plural.
    """
    words = [singular(word) if many else word for word in words_of(name)]
    while len(words) > 1 and words[-1] in _UNITS:
        words.pop()
    last, before = words[-1], words[-2] if len(words) > 1 else ""
    if last in _ALWAYS or (last in _ALONE and not before):
        return True
    if last == "stamp":
        return before == "time"
    if last == "on":
        return before.endswith("ed")
    if last == "from":
        return before in _VALIDITY
    if last == "epoch":
        return before not in _COUNTERS
    if last in {"time", "day"}:
        return bool(before) and before not in _DURATIONS
    return before in _AGAIN and last.endswith(("ed", "seen"))
