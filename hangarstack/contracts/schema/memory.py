"""Fields that many versions have in common, parsed once."""

from __future__ import annotations

from typing import Any, Final

from hangarstack.contracts.schema.model import Field
from hangarstack.contracts.schema.names import PRIMITIVES

_LONGEST: Final = 4096
"""Characters of a field that is worth remembering."""


class Memory:
    """Remembers the fields that mean the same wherever they stand, because their types are primitives.

    Use one for schemas that are read by the same rules; it grows with what is read.
    """

    def __init__(self) -> None:
        self._fields: dict[str, Field] = {}

    def get(self, item: dict[str, Any]) -> Field | None:
        """Return the field that was parsed from the same JSON, if it is known."""
        key = _key(item)
        return None if key is None else self._fields.get(key)

    def keep(self, item: dict[str, Any], field: Field) -> None:
        """Remember what a JSON object was parsed to."""
        key = _key(item)
        if key is not None and len(key) <= _LONGEST:
            self._fields[key] = field


def _key(item: dict[str, Any]) -> str | None:
    kind = item["type"]
    if isinstance(kind, dict):
        kind = kind.get("type")
    try:
        if not (kind in PRIMITIVES if isinstance(kind, str) else PRIMITIVES.issuperset(kind)):
            return None
        # Unlike equality it tells 1 from 1.0 and from true, and takes a tenth of the time of parsing.
        return repr(item)
    except (TypeError, RecursionError):
        # A type within the type, or no type at all; or a default too deep to compare.
        return None
