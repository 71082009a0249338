"""One spelling for searched texts that a visitor would call the same."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Final

TEXT_LENGTH: Final = 100
"""Searched texts are kept to so many characters."""

_READ: Final = 1000


@lru_cache(maxsize=4096)
def normalised(text: str) -> str:
    """Return the text in lower case, compatible forms made one, runs of space made one; at most 100 characters.

    ``"  Su 27 "``, ``"su 27"`` and the same in full-width letters are one text.
    Empty when there is nothing printable in it.
    """
    folded = unicodedata.normalize("NFKC", text[:_READ]).casefold()
    printable = "".join(c if c.isprintable() else " " for c in folded)
    return " ".join(printable.split())[:TEXT_LENGTH].rstrip()


__all__ = ["TEXT_LENGTH", "normalised"]
