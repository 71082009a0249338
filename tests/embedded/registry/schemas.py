"""Small schemas for the registry's tests."""

from __future__ import annotations

import itertools
from typing import Any

_numbers = itertools.count(1)


def record(*fields: Any, name: str = "R", namespace: str = "test") -> dict[str, Any]:
    """Return a record schema; a field is a name (an int without default), or a whole field."""
    full = [{"name": field, "type": "int"} if isinstance(field, str) else field for field in fields]
    return {"type": "record", "name": name, "namespace": namespace, "fields": full}


def optional(name: str) -> dict[str, Any]:
    """Return a field that any reader and writer can do without."""
    return {"name": name, "type": ["null", "int"], "default": None}


def fresh(prefix: str = "subject") -> str:
    """Return a subject that no other test uses."""
    return f"{prefix}-{next(_numbers)}-value"
