"""Telling at once whether two JSON values are the same."""

from __future__ import annotations

import marshal
from typing import Any, Final

_VERSION: Final = 2
"""Of marshal's format: the last one in which the same values are the same bytes, for it knows no references yet."""


def alike(value: Any) -> bytes | None:
    """Return bytes that are equal for values that are the same, in the same order; good within this process.

    Unlike equality they tell ``1`` from ``1.0`` and from ``true``, and they take a fraction of the time of a text.

    Args:
        value: what a JSON parser returned.

    Returns:
        The bytes; ``None`` for a value that nests some 2,000 levels.
    """
    try:
        return marshal.dumps(value, _VERSION)
    except ValueError:
        return None
