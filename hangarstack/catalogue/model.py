"""An aircraft as the rest of the application sees it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, eq=False)
class Aircraft:
    """One aircraft at one version.

    Args:
        id: stable id, such as ``f-16-fighting-falcon``.
        version: 1 when imported, one more with each edit.
        record: the whole record as ``data/aircraft.schema.json`` describes it; treat it as read-only.
    """

    id: str
    version: int
    record: Mapping[str, Any]

    @property
    def name(self) -> str:
        """The name readers know."""
        return str(self.record["name"])

    @property
    def manufacturer(self) -> str:
        """The company that designed it."""
        return str(self.record["manufacturer"])

    @property
    def category(self) -> str:
        """``civil``, ``military``, ``rotary`` or ``general-aviation``."""
        return str(self.record["category"])

    @property
    def role(self) -> str:
        """What it was built to do, such as ``fighter``."""
        return str(self.record["role"])

    @property
    def icao(self) -> str | None:
        """ICAO Doc 8643 type designator, where one exists."""
        return self.record.get("icao")

    @property
    def first_flight_year(self) -> int:
        """Year of the first flight."""
        return int(str(self.record["first_flight"])[:4])

    def number(self, path: str) -> float | None:
        """Return a figure by its dotted path, such as ``dimensions.length_m``; None where the record has none."""
        value = value_at(self.record, path)
        return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One changed field: dotted path, and the value before and after (None: absent)."""

    path: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Change:
    """What an edit did: the aircraft after it, and each changed field in path order."""

    aircraft: Aircraft
    fields: tuple[FieldChange, ...]


def value_at(record: Mapping[str, Any], path: str) -> Any:
    """Return the value at a dotted path, or None where there is none."""
    value: Any = record
    for step in path.split("."):
        if not isinstance(value, Mapping) or step not in value:
            return None
        value = value[step]
    return value
