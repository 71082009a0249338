"""A value in an error message: its JSON text, cut short."""

from __future__ import annotations

import json
import reprlib
from typing import Final

WIDTH: Final = 80


class _Repr(reprlib.Repr):
    def repr_int(self, x: int, level: int) -> str:
        try:
            return super().repr_int(x, level)
        except ValueError:  # Python refuses to write out a huge integer
            return "a huge integer"


_REPR: Final = _Repr()
_JSON: Final = json.JSONEncoder(ensure_ascii=True)


def excerpt(value: object) -> str:
    """Return the JSON text of a value, at most ``WIDTH`` characters; never fails, whatever the value is."""
    text = ""
    try:
        # One piece after another: parts that are shared may make the whole text longer than any memory.
        for piece in _JSON.iterencode(value):
            text += piece
            if len(text) > WIDTH:
                break
    except (TypeError, ValueError, RecursionError):
        text = _REPR.repr(value)
    return text if len(text) <= WIDTH else text[: WIDTH - 1] + "…"
