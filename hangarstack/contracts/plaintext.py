"""What a schema or a table says, as a terminal may be given it."""

from __future__ import annotations

import re
from typing import Final

_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def plain(text: str) -> str:
    """Return a text in which no character controls a terminal or ends the line: such a one is written as its escape."""
    return _CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), text)
