"""Characters that nobody types and no store should keep: control characters, and those that turn the direction."""

from __future__ import annotations

import re
from typing import Final

_TURNING: Final = "\u202a-\u202e\u2066-\u2069"
_NOT_IN_A_LINE: Final = re.compile(rf"[\x00-\x1f\x7f-\x9f{_TURNING}]")
_NOT_IN_LINES: Final = re.compile(rf"[\x00-\x08\x0b-\x1f\x7f-\x9f{_TURNING}]")


def has_control(text: str, *, lines: bool = False) -> bool:
    """Tell whether a text holds such a character; with ``lines`` a tab and the end of a line are none."""
    return (_NOT_IN_LINES if lines else _NOT_IN_A_LINE).search(text) is not None


def without_control(text: str, *, lines: bool = False) -> str:
    """Return the text without such characters."""
    return (_NOT_IN_LINES if lines else _NOT_IN_A_LINE).sub("", text)
