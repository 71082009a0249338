"""Fields that many versions have in common, kept and parsed once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from hangarstack.contracts.schema.alike import alike
from hangarstack.contracts.schema.model import Field, Named

_LONGEST: Final = 4096
"""Bytes of a field that is worth remembering."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A field, and the named types that stand within it.

    Args:
        item: the JSON of the field; while it lives, no other has its ``id``.
        field: what it was parsed to.
        defined: the types.
    """

    item: dict[str, Any]
    field: Field
    defined: tuple[Named, ...]


class Memory:
    """What was parsed; use one for schemas that are read by the same rules. It grows with what is read."""

    def __init__(self) -> None:
        self._shared: dict[bytes, Any] = {}
        self._known: dict[str | None, dict[int, Known]] = {}

    def share(self, value: object) -> None:
        """Put, for each field of a record that was seen before, the very object that was seen then.

        Args:
            value: a schema as a JSON parser returned it, changed in place; nobody may change it after this.
        """
        fields = value.get("fields") if isinstance(value, dict) else None
        if isinstance(fields, list):
            fields[:] = [
                self._shared.setdefault(key, item) if key and len(key) <= _LONGEST else item
                for key, item in zip(map(alike, fields), fields, strict=True)
            ]

    def within(self, space: str | None) -> dict[int, Known]:
        """Return the fields of roots in a namespace, by the ``id`` of their JSON; whoever parses one adds it."""
        return self._known.setdefault(space, {})
