"""Avro names as Python names.

Avro allows names that Python does not take (``class``, ``__init__``) or that would hide another (``str``, ``UUID``).
Attributes keep the Avro name wherever Python takes it; what must change gets an underscore behind.
"""

from __future__ import annotations

import builtins
import keyword
import re
import unicodedata
from collections.abc import Iterable
from typing import Final

_BUILTINS: Final = frozenset(dir(builtins))
_STR_ATTRIBUTES: Final = frozenset(dir(str)) | {"name", "value", "mro"}
_ATTRIBUTES: Final = frozenset({"replace"})
"""What every generated class has."""

_WORDS: Final = re.compile(r"_+")
_CAPITAL_RUN: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


class Scope:
    """Names of one place; each is given once.

    Args:
        taken: names that are in use there already.
    """

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = set(taken)

    def __contains__(self, name: str) -> bool:
        return name in self._taken

    def take(self, name: str) -> str:
        """Return the name, or the first free one made from it by an underscore, then by numbers."""
        candidate = name
        number = 1
        while candidate in self._taken:
            candidate = f"{name}_" if number == 1 else f"{name}_{number}"
            number += 1
        self._taken.add(candidate)
        return candidate


def identifier(name: str) -> str:
    """Return a name that Python takes: no keyword, no leading underscore, in the form that Python compares."""
    text = unicodedata.normalize("NFKC", name)
    text = "".join(char if f"a{char}".isidentifier() else f"u{ord(char):x}" for char in text)
    text = unicodedata.normalize("NFKC", text).lstrip("_") or "field"
    if not text[0].isidentifier():
        text = f"n{text}"
    return f"{text}_" if keyword.iskeyword(text) else text


def attributes(names: Iterable[str]) -> dict[str, str]:
    """Return the attribute of each field of a record."""
    scope = Scope(_ATTRIBUTES)
    return {name: scope.take(identifier(name)) for name in names}


def members(symbols: Iterable[str]) -> dict[str, str]:
    """Return the member of each symbol of an enum; ``StrEnum`` inherits the methods of ``str``."""
    scope = Scope(_STR_ATTRIBUTES)
    return {symbol: scope.take(identifier(symbol)) for symbol in symbols}


def class_name(name: str) -> str:
    """Return a name as that of a class: its words, and what dots part, begin with a capital."""
    words = [word for part in name.split(".") for word in _WORDS.split(identifier(part))]
    return "".join(word[:1].upper() + word[1:] for word in words) or "Type"


def class_names(full_name: str) -> list[str]:
    """Return the names that a named type's class may have, the first that is free: the short name, the full one."""
    short = class_name(full_name.rpartition(".")[2])
    return [short, class_name(full_name), f"{short}Type"]


def snake(name: str) -> str:
    """Return a class name as a function or a variable would be called: ``AircraftView`` → ``aircraft_view``."""
    return _CAPITAL_RUN.sub("_", name).lower()


def is_builtin(name: str) -> bool:
    """Tell whether a variable of that name would hide one of Python's own functions or types."""
    return name in _BUILTINS


def local_scope(reserved: Iterable[str]) -> Scope:
    """Return the scope of a function's variables, which hide none of Python's own names."""
    return Scope({*_BUILTINS, *keyword.kwlist, *reserved})
