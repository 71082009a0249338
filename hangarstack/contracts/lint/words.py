"""The words of a name."""

from __future__ import annotations

import re
from typing import Final

_END: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])(?![A-Z]s(?![a-z]))|_+")
"""Where a word ends; ``clientIPs`` are two, for the plural of an abbreviation is one word with it."""
_DIGITS: Final = re.compile(r"(?<=[a-z])[0-9]+$")
_IRREGULAR: Final = {"ips": "ip", "ids": "id"}
_ALIKE: Final = ("ss", "us", "is")
"""Ends of words that are no plural."""
_SHORTEST: Final = 4
"""Letters of a plural; of what is shorter, such as ``gps``, nobody can say."""


def words_of(name: str) -> tuple[str, ...]:
    """Return the words of a snake_case or camelCase name in lower case, without a number at the end of a word."""
    return tuple(_DIGITS.sub("", word.lower()) for word in _END.split(name) if word)


def singular(word: str) -> str:
    """Return a word without the ending of its plural, as English mostly forms it."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if not word.endswith("s") or word.endswith(_ALIKE) or len(word) < _SHORTEST:
        return word
    if word.endswith("ies"):
        return f"{word[:-3]}y"
    return word[:-2] if word.endswith(("sses", "xes", "ches", "shes")) else word[:-1]


def listed(words: str) -> frozenset[str]:
    """Return words that are given with spaces between them."""
    return frozenset(words.split())
