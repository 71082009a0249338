"""The part of the catalogue's page that depends on nothing but the question and the catalogue: filters and results."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from hangarstack.catalogue.repository import Catalogue, SearchResult
from hangarstack.web import labels
from hangarstack.web.fragments import Fragments
from hangarstack.web.query import PAGE_SIZE, Query
from hangarstack.web.units import IMPERIAL_RANGES

Search = Callable[[Query], SearchResult]
Choice = tuple[str, str, int]
"""A value of a filter, how it is shown, and how many aircraft have it."""

_SUGGESTIONS: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """A filter between two figures, in the visitor's units.

    Args:
        name: of its parameters, without ``_min`` and ``_max``.
        label: what it filters by.
        unit: of its figures, as printed.
        low: the least that is asked for; empty when none is.
        high: the greatest.
    """

    name: str
    label: str
    unit: str
    low: str
    high: str


def listing(
    query: Query, search: Search, catalogue: Catalogue, fragments: Fragments, carried: str, *, units: str
) -> str:
    """Return the filters and one page of results, rendered.

    Args:
        query: the question.
        search: answers questions.
        catalogue: knows similar names, for a question that finds nothing.
        fragments: renders.
        carried: what the links of the results carry, such as ``?search=…``.
        units: ``metric`` or ``imperial``.
    """
    result = search(query)
    pages = max(1, -(-result.total // PAGE_SIZE))
    number = min(query.page, pages)
    shown = result.aircraft[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
    return fragments.render(
        "fragments/listing.html",
        query=query,
        result=result,
        cards=[fragments.card(one, carried) for one in shown],
        number=number,
        pages=pages,
        around=_around(number, pages),
        chips=_chips(query, units),
        ranges=[_range(query, name, units) for name in labels.RANGES],
        facets=_facets(query, result, search),
        near=catalogue.suggest(query.text, _SUGGESTIONS) if query.text and not result.total else (),
        elsewhere=search(query.unfiltered()).total if query.filtered and not result.total else 0,
    )


def _range(query: Query, name: str, units: str) -> Range:
    label, unit = labels.RANGES[name]
    imperial = IMPERIAL_RANGES.get(name) if units == "imperial" else None
    low, high = (
        "" if value is None else imperial.shown(value) if imperial else f"{value:g}"
        for value in query.filters.ranges.get(name, (None, None))
    )
    if imperial:
        return Range(name=imperial.name, label=label, unit=imperial.unit, low=low, high=high)
    return Range(name=name, label=label, unit=unit, low=low, high=high)


def _chips(query: Query, units: str) -> list[tuple[str, str]]:
    """Return each set filter as what it says and the address without it."""
    chips = [
        (f"{labels.FACETS[name]}: {labels.facet_value(name, value)}", query.without(name).address())
        for name, value in query.filters.facets.items()
    ]
    for name in query.filters.ranges:
        shown = _range(query, name, units)
        least = f"from {shown.low}" if shown.low else ""
        most = f"to {shown.high}" if shown.high else ""
        text = " ".join(filter(None, [f"{shown.label}:", least, most, "" if shown.unit == "year" else shown.unit]))
        chips.append((text, query.without(name).address()))
    return chips


def _facets(query: Query, result: SearchResult, search: Search) -> list[tuple[str, str, list[Choice], str]]:
    """Return each filter as its name, label, choices and present value.

    The counts of a set filter are those without it: they say what choosing another value would give.
    """
    found = []
    for name, label in labels.FACETS.items():
        present = query.filters.facets.get(name, "")
        counts = search(query.without(name)).facets[name] if present else result.facets[name]
        choices = [(value, labels.facet_value(name, value), count) for value, count in counts.items()]
        if present and present not in counts:
            choices.append((present, labels.facet_value(name, present), 0))
        # Numbers of engines in order: the shorter the text, the smaller the number.
        choices.sort(key=lambda choice: (len(choice[1]), choice[1]) if name == "engines" else (0, choice[1]))
        found.append((name, label, choices, present))
    return found


def _around(number: int, pages: int) -> list[int]:
    """Return the page numbers to offer: the first, the last, and those around this one."""
    return sorted({1, pages, *range(max(1, number - 2), min(pages, number + 2) + 1)})
