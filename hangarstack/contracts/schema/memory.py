"""Fields that many versions have in common, parsed once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from hangarstack.contracts.schema.alike import alike
from hangarstack.contracts.schema.model import Field, Named, Primitive
from hangarstack.contracts.schema.names import PRIMITIVES

_LONGEST: Final = 4096
"""Bytes of a field that is worth remembering."""

_Key: TypeAlias = tuple[str | None, bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A field, and the named types that stand within it."""

    field: Field
    defined: tuple[Named, ...]


class Memory:
    """What was parsed; use one for schemas that are read by the same rules. It grows with what is read."""

    def __init__(self) -> None:
        self._known: dict[_Key, Known] = {}

    def begin(self) -> Recall:
        """Begin to read schemas that may refer to each other."""
        return Recall(self._known)


class Recall:
    """Finds the fields of schemas that are read together; within these it gives no field twice.

    A verdict on two types is kept with its place, so each place needs a type of its own.

    Args:
        known: the fields of all schemas.
    """

    def __init__(self, known: dict[_Key, Known]) -> None:
        self._known = known
        self._given: set[int] = set()

    def get(self, item: dict[str, Any], space: str | None, names: dict[str, Named], *, whole: bool) -> Field | None:
        """Return the field that was parsed from the same JSON in the same namespace, if it is known.

        Args:
            item: the JSON.
            space: the namespace around it.
            names: the types defined so far; those within the field are added.
            whole: look at the field whatever is in it, not only if that is a primitive. To do so at every level of
                nesting would take time that grows with the square of it.
        """
        key = _key(item, space, whole=whole)
        known = self._known.get(key) if key else None
        if known is None or not self._give(known.field):
            return None
        if known.defined:
            if any(named.name in names for named in known.defined):
                return None
            names.update((named.name, named) for named in known.defined)
        return known.field

    def keep(self, item: dict[str, Any], space: str | None, known: Known, *, whole: bool) -> None:
        """Remember what a JSON object was parsed to, for other schemas than these; see ``get``."""
        key = _key(item, space, whole=whole)
        if key and len(key[1]) <= _LONGEST:
            self._known[key] = known
            self._give(known.field)

    def _give(self, field: Field) -> bool:
        if isinstance(field.type, Primitive):
            return True
        if id(field) in self._given:
            return False
        self._given.add(id(field))
        return True


def _key(item: dict[str, Any], space: str | None, *, whole: bool) -> _Key | None:
    try:
        if not whole and not _is_primitive(item["type"]):
            return None
    except TypeError:
        # A type within the type, or no type at all.
        return None
    same = alike(item)
    return (space, same) if same else None


def _is_primitive(kind: Any) -> bool:
    if isinstance(kind, dict):
        kind = kind.get("type")
    return kind in PRIMITIVES if isinstance(kind, str) else PRIMITIVES.issuperset(kind)
