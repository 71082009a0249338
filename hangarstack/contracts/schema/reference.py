"""A name that is used before its type is known."""

from __future__ import annotations

from dataclasses import dataclass

from hangarstack.contracts.schema.model import Record


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reference(Record):
    """A name that stands for a type not read yet; until then it passes for a record without fields.

    Args:
        name: unlike any other, so that two references are never the same type.
        target: full name of the type it stands for.
    """

    target: str
