"""Splitting a list, because a statement takes a bounded number of parameters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, TypeVar

T = TypeVar("T")

_PARAMETERS: Final = 1000


def chunks(values: Sequence[T], size: int = _PARAMETERS) -> Iterator[Sequence[T]]:
    """Yield the values in order, at most ``size`` at a time."""
    for start in range(0, len(values), size):
        yield values[start : start + size]


__all__ = ["chunks"]
