"""The attributes that any schema or field may have, read as Avro Java reads them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from hangarstack.contracts.schema.excerpt import excerpt
from hangarstack.contracts.schema.model import MISSING, NO_PROPS, Missing, Order, Props

Refuse: TypeAlias = Callable[[str, str], Exception]
"""Given what is wrong and what to do, returns the error to raise."""

RESERVED: Final = frozenset(
    {"doc", "fields", "items", "name", "namespace", "size", "symbols", "values", "type", "aliases"}
)
ENUM_RESERVED: Final = RESERVED | {"default"}
FIELD_RESERVED: Final = frozenset({"default", "doc", "name", "order", "type", "aliases"})

_ORDERS: Final[dict[str, Order]] = {
    "ASCENDING": "ascending",
    "DESCENDING": "descending",
    "IGNORE": "ignore",
}


def text(value: Mapping[str, object], key: str) -> str | None:
    """Return an attribute that is text; one of any other type does not count."""
    found = value.get(key)
    return found if isinstance(found, str) else None


def props(value: Mapping[str, Any], reserved: frozenset[str]) -> Props:
    """Return the attributes that the specification gives no meaning."""
    if value.keys() <= reserved:
        return NO_PROPS
    return {key: item for key, item in value.items() if key not in reserved}


def aliases(value: Mapping[str, object], refuse: Refuse) -> tuple[str, ...]:
    """Return the aliases as written, each once."""
    found = value.get("aliases", MISSING)
    if isinstance(found, Missing):
        return ()
    if not isinstance(found, list) or not all(isinstance(alias, str) for alias in found):
        raise refuse(f'"aliases" is {excerpt(found)}', "Write a list of names")
    return tuple(dict.fromkeys(found))


def order(value: Mapping[str, object], refuse: Refuse) -> Order:
    """Return a field's sort order."""
    found = value.get("order", MISSING)
    if isinstance(found, Missing):
        return "ascending"
    known = _ORDERS.get(found.upper()) if isinstance(found, str) else None
    if known is None:
        raise refuse(f"{excerpt(found)} is no sort order", "Write ascending, descending or ignore")
    return known
