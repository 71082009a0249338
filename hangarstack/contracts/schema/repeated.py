"""Where in JSON text a key stands twice in one object, which the parser does not tell."""

from __future__ import annotations

import json
import re
from typing import Final

_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]')
_COLON: Final = re.compile(r"[ \t\n\r]*:")


def repeated_key(text: str) -> tuple[str, int]:
    """Return the first key that its object has already, and its line, 1 or more.

    Args:
        text: a JSON document in which a key is repeated; takes time linear in its length.

    Raises:
        ValueError: none is.
    """
    objects: list[set[str]] = []
    for token in _TOKEN.finditer(text):
        symbol = token[0]
        if symbol in "[{":
            objects.append(set())
        elif symbol in "]}":
            objects.pop()
        elif _COLON.match(text, token.end()):
            key = json.loads(symbol)
            if key in objects[-1]:
                return key, text.count("\n", 0, token.start()) + 1
            objects[-1].add(key)
    raise ValueError("no key is repeated")
