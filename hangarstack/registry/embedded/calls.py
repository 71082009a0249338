"""One HTTP request as the handlers see it, free of the web framework."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from hangarstack.registry.embedded import names, refusals
from hangarstack.registry.embedded.keys.kms import Kms
from hangarstack.registry.embedded.names import Subject
from hangarstack.registry.embedded.store import Store

_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,10}")
_BEYOND: Final = 2**31
"""The first number that is too large for an int of Java."""


@dataclass(frozen=True, slots=True)
class Raw:
    """An answer that is text, not JSON."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request whose path was matched.

    Args:
        store: the registry's file.
        kms: what shared keys are encrypted by.
        path: the variable segments of the path, in order.
        query: parameters, each with its values.
        body: as received; bounded.
    """

    store: Store
    kms: Kms
    path: Sequence[str]
    query: Mapping[str, Sequence[str]]
    body: bytes

    def flag(self, *spellings: str) -> bool:
        """Tell whether a parameter is ``true``, in any case, as Java reads it."""
        return any(self.text(name).lower() == "true" for name in spellings)

    def text(self, name: str, default: str = "") -> str:
        """Return a parameter's first value."""
        return next(iter(self.query.get(name, ())), default)

    def number(self, name: str, default: int) -> int:
        """Return a parameter as a whole number of 32 bits, the default when there is none.

        Raises:
            RefusalError: 404, as JAX-RS answers where a parameter of a resource is no such number.
        """
        text = self.text(name)
        if not text.strip():
            return default
        if not _NUMBER.fullmatch(text) or not -_BEYOND <= int(text) < _BEYOND:
            raise refusals.plain(404, "HTTP 404 Not Found")
        return int(text)

    def page(self, rows: Sequence[Any], most: int | None = None) -> list[Any]:
        """Return the rows that ``offset`` and ``limit`` ask for.

        Args:
            rows: all of them.
            most: how many at most; None for no bound. It is the limit too when none is given.

        Raises:
            RefusalError: 404, one of the two is no number.
        """
        offset = max(0, self.number("offset", 0))
        limit = self.number("limit", -1)
        if most is not None and not 1 <= limit <= most:
            limit = most
        return list(rows[offset:] if limit < 1 else rows[offset : offset + limit])

    def subject(self) -> Subject:
        """Return the subject that the path's first variable segment names.

        Raises:
            RefusalError: 42208.
        """
        return names.subject(self.path[0])

    def json(self) -> dict[str, Any]:
        """Return the body.

        Raises:
            RefusalError: 400 not JSON; 422 not an object.
        """
        try:
            value = json.loads(self.body)
            # JSON may escape half a character, which no text can hold.
            json.dumps(value, ensure_ascii=False).encode()
        except (ValueError, RecursionError) as error:
            raise refusals.plain(400, f"Unable to process JSON: {error}") from error
        if not isinstance(value, dict):
            raise refusals.plain(422, "The request body must be a JSON object")
        return value
