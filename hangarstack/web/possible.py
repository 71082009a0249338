"""Which values a filter can have at all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from hangarstack.catalogue.filters import FACETS

_MOST_NAMED: Final = 30


def impossible(
    wanted: Mapping[str, str], schema: Mapping[str, Any], present: Mapping[str, Mapping[str, int]]
) -> dict[str, str]:
    """Return what is wrong with each filter whose value no aircraft can have; empty when each is possible.

    Args:
        wanted: value by the name of the filter.
        schema: the JSON Schema of aircraft records; where it lists values, those are possible.
        present: by filter, the values that aircraft of the catalogue have; elsewhere those are possible.
    """
    wrong = {}
    for name, value in wanted.items():
        listed = _at(schema, FACETS[name]).get("enum")
        choices = [str(one) for one in (present[name] if listed is None else listed)]
        if value not in choices:
            few = len(choices) <= _MOST_NAMED
            wrong[name] = (
                f"must be one of {', '.join(sorted(choices))}" if few else "must be a value that aircraft have"
            )
    return wrong


def _at(schema: Mapping[str, Any], path: str) -> Mapping[str, Any]:
    for part in path.split("."):
        schema = schema["properties"][part]
    return schema
