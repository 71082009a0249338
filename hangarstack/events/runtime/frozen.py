"""Containers of events: they do not change, so an event does not either."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from typing import Any, Final, NoReturn, TypeVar

V = TypeVar("V")

_LEAVES: Final = frozenset({str, int, float, bool, bytes, type(None)})


class FrozenMap(dict[str, V]):
    """A dict that does not change: hashable, equal to a dict with the same items."""

    __slots__ = ()

    def __hash__(self) -> int:  # type: ignore[override] # a dict is not hashable because it changes; this one does not
        return hash(frozenset(self.items()))

    def __reduce__(self) -> tuple[type[FrozenMap[Any]], tuple[dict[str, V]]]:
        return FrozenMap, (dict(self),)

    def __repr__(self) -> str:
        return dict.__repr__(self)

    def copy(self) -> FrozenMap[V]:
        """Return itself: nobody can tell it from a copy."""
        return self

    def _refuse(self, *_args: object, **_kwargs: object) -> NoReturn:
        raise TypeError("a map of an event does not change; make a new event with replace()")

    __setitem__ = _refuse
    __delitem__ = _refuse
    __ior__ = _refuse
    clear = _refuse
    pop = _refuse
    popitem = _refuse
    setdefault = _refuse
    update = _refuse


EMPTY: Final[FrozenMap[Any]] = FrozenMap()


def freeze(event: object, *names: str) -> None:
    """Replace the lists and dicts in these attributes of a new event by tuples and frozen maps.

    A value of any other type stays, and is refused when the event is encoded.
    """
    for name in names:
        value = getattr(event, name)
        frozen = _frozen(value)
        if frozen is not value:
            object.__setattr__(event, name, frozen)


def _frozen(value: object) -> object:
    if type(value) in _LEAVES or type(value) is FrozenMap:
        return value
    if type(value) is list:
        return tuple([_frozen(item) for item in value])
    if type(value) is tuple:
        items = tuple([_frozen(item) for item in value])
        return value if all(map(operator.is_, items, value)) else items
    if isinstance(value, Mapping):
        return FrozenMap({key: _frozen(item) for key, item in value.items()})
    return value
