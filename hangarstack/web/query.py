"""What a visitor asks of the catalogue, read from the address; what makes no sense is said, not obeyed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final
from urllib.parse import urlencode

from hangarstack.catalogue.filters import FACETS, RANGES, SORTS, Filters
from hangarstack.catalogue.search import LONGEST_QUERY
from hangarstack.web.characters import has_control
from hangarstack.web.units import IMPERIAL_RANGES

PAGE_SIZE: Final = 24
_LAST_PAGE: Final = 10_000
_LONGEST_VALUE: Final = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A question to the catalogue.

    Args:
        text: what was typed, at most 120 characters.
        filters: what to keep.
        sort: name of an order; None: the best match first.
        page: page of the results, from 1.
        problems: parameter → what is wrong with it; such a parameter is left out of ``filters``.
    """

    text: str = ""
    filters: Filters = field(default_factory=Filters)
    sort: str | None = None
    page: int = 1
    problems: Mapping[str, str] = field(default_factory=dict)

    @property
    def filtered(self) -> bool:
        """Whether any filter is set."""
        return bool(self.filters.facets or self.filters.ranges)

    def address(self, *, page: int = 1) -> str:
        """Return the address of this question, on another page of its results."""
        return "/?" + encode(self, page=page)

    def without(self, name: str) -> Query:
        """Return the question without one filter."""
        facets = {key: value for key, value in self.filters.facets.items() if key != name}
        ranges = {key: value for key, value in self.filters.ranges.items() if key != name}
        return replace(self, filters=Filters(facets=facets, ranges=ranges), page=1)

    def unfiltered(self) -> Query:
        """Return the question without any filter."""
        return replace(self, filters=Filters(), page=1)

    def about(self, text: str) -> Query:
        """Return the question with another text."""
        return replace(self, text=text, page=1)


def read(arguments: Mapping[str, str]) -> Query:
    """Return the question that an address asks; unknown parameters are ignored."""
    problems: dict[str, str] = {}
    facets = {name: value for name in FACETS if (value := _text(arguments, name, _LONGEST_VALUE, problems))}
    ranges: dict[str, tuple[float | None, float | None]] = {}
    for name in RANGES:
        low = _bound(arguments, name, "min", problems)
        high = _bound(arguments, name, "max", problems)
        if low is not None and high is not None and low > high:
            problems[f"{name}_max"] = "is less than the least"
        elif low is not None or high is not None:
            ranges[name] = (low, high)
    sort = arguments.get("sort") or None
    if sort is not None and sort not in SORTS:
        problems["sort"] = f"must be one of {', '.join(SORTS)}"
        sort = None
    return Query(
        text=_text({"q": " ".join(arguments.get("q", "").split())[:LONGEST_QUERY]}, "q", LONGEST_QUERY, problems),
        filters=Filters(facets=facets, ranges=ranges),
        sort=sort,
        page=_page(arguments, problems),
        problems=problems,
    )


def encode(query: Query, *, page: int = 1) -> str:
    """Return the question as the parameters of an address; ``read`` reads it back."""
    parts: list[tuple[str, str]] = [("q", query.text)] if query.text else []
    parts += query.filters.facets.items()
    for name, (low, high) in query.filters.ranges.items():
        parts += [(f"{name}_min", f"{low:g}")] if low is not None else []
        parts += [(f"{name}_max", f"{high:g}")] if high is not None else []
    if query.sort:
        parts.append(("sort", query.sort))
    if page > 1:
        parts.append(("page", str(page)))
    return urlencode(parts)


def _text(arguments: Mapping[str, str], name: str, longest: int, problems: dict[str, str]) -> str:
    value = arguments.get(name, "").strip()
    if has_control(value):
        # No store takes a NUL, and nobody types the others.
        problems[name] = "must not hold control characters"
    elif len(value) > longest:
        problems[name] = f"must have at most {longest} characters"
    else:
        return value
    return ""


def _bound(arguments: Mapping[str, str], name: str, end: str, problems: dict[str, str]) -> float | None:
    metric = _number(arguments, f"{name}_{end}", problems)
    other = IMPERIAL_RANGES.get(name)
    imperial = _number(arguments, f"{other.name}_{end}", problems) if other else None
    if other is None or imperial is None:
        return metric
    if metric is not None:
        problems[f"{other.name}_{end}"] = f"is set by {name}_{end} too"
        return metric
    value = other.read(imperial)
    if math.isfinite(value):
        return value
    problems[f"{other.name}_{end}"] = "must be a number"
    return None


def _number(arguments: Mapping[str, str], name: str, problems: dict[str, str]) -> float | None:
    text = arguments.get(name, "").strip()
    if not text:
        return None
    try:
        value = float(text[:_LONGEST_VALUE])
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        problems[name] = "must be a number"
        return None
    return value


def _page(arguments: Mapping[str, str], problems: dict[str, str]) -> int:
    text = arguments.get("page", "").strip() or "1"
    if text.isascii() and text.isdigit() and len(text) <= 9 and 1 <= int(text) <= _LAST_PAGE:
        return int(text)
    problems["page"] = "must be a whole number from 1"
    return 1
