"""Subject names, their contexts, and version numbers as the REST API spells them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from hangarstack.registry.embedded import refusals

DEFAULT_CONTEXT: Final = "."
LATEST: Final = -1
EVERY_CONTEXT: Final = ":*:"
GLOBAL_NAME: Final = "__GLOBAL"

LARGEST: Final = 2**31 - 1
"""The last version of a subject, and the last id of a context: clients read both as signed numbers of 32 bits."""
_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,10}")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A subject in its context: ``:.test:orders-value`` is ``orders-value`` in ``.test``.

    Args:
        context: begins with a dot; ``.`` is the default one.
        name: may be empty, which stands for the context itself.
    """

    context: str
    name: str

    @property
    def scope(self) -> str:
        """The prefix that qualifies a name: empty in the default context, else ``:.test:``."""
        return "" if self.context == DEFAULT_CONTEXT else f":{self.context}:"

    def __str__(self) -> str:
        return f"{self.scope}{self.name}"


def subject(text: str) -> Subject:
    """Return what a possibly qualified name stands for.

    Raises:
        RefusalError: 42208, a control character or the reserved name.
    """
    context, name = DEFAULT_CONTEXT, text
    if text.startswith(":."):
        context, _, name = text[1:].partition(":")
    if _CONTROL.search(text) or name == GLOBAL_NAME:
        raise refusals.invalid_subject(text)
    return Subject(context=context, name=name)


def context_scope(text: str) -> str:
    """Return the qualifying prefix of a context that a path names: ``.test``, ``test`` or ``:.test:``."""
    bare = text.removeprefix(":").removesuffix(":")
    if ":" in bare:
        raise refusals.plain(400, "Context name cannot contain a colon")
    dotted = bare if bare.startswith(".") else f".{bare}"
    return str(Subject(context=dotted, name=""))


def version(text: str) -> int:
    """Return the number, or ``LATEST``.

    Raises:
        RefusalError: 42202, neither a number of 1 to 2^31-1 nor ``latest``.
    """
    trimmed = text.strip()
    if trimmed.lower() == "latest":
        return LATEST
    if not _NUMBER.fullmatch(trimmed):
        raise refusals.invalid_version(text)
    number = int(trimmed)
    if number != LATEST and not 1 <= number <= LARGEST:
        raise refusals.invalid_version(text)
    return number
