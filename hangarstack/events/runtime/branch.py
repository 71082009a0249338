"""Union branches that share a Python type."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

T = TypeVar("T", covariant=True)


@dataclass(frozen=True, slots=True)
class Branch(Generic[T]):
    """A value of a union in which another branch has the same Python type.

    In ``["null", "int", "long"]`` an ``int`` is a long, and ``Branch("int", 5)`` is an int. So which branch was
    written survives decoding and encoding. Generated docstrings say which branches need it.

    Args:
        name: of the branch: ``int``, ``float``, or the full name of a fixed.
        value: what it holds.
    """

    name: str
    value: T


def has_tag(value: object, name: str) -> bool:
    """Tell whether a union's value is of the branch that ``Branch`` calls so."""
    return isinstance(value, Branch) and value.name == name


def untagged(value: Any) -> Any:
    """Return what a ``Branch`` holds."""
    return value.value
