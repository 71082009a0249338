"""HTML as text that is escaped unless it is HTML already."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Final, TypeAlias


class Html(str):
    """Text that is HTML."""

    __slots__ = ()


Content: TypeAlias = "str | Iterable[Content]"


def tag(name: str, *content: Content, **attributes: str) -> Html:
    """Return an element.

    Args:
        name: of the element.
        content: text is escaped, ``Html`` is not.
        attributes: their values are escaped; ``class_`` is ``class``, and one that is empty is left out.
    """
    inside = "".join(
        f' {key.removesuffix("_").replace("_", "-")}="{escape(value)}"' for key, value in attributes.items() if value
    )
    return Html(f"<{name}{inside}>{html(content)}</{name}>")


def html(content: Content) -> Html:
    """Return content as HTML."""
    if isinstance(content, Html):
        return content
    if isinstance(content, str):
        return Html(escape(content))
    return Html("".join(map(html, content)))


def prose(text: str) -> Html:
    """Return text in which what stands between backticks is code."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return html(text)  # one of them has no other
    return html([tag("code", part) if number % 2 else part for number, part in enumerate(parts)])


UNRELEASED: Final = tag("em", "not released yet")
"""Stands beside a version that may still change."""


def table(label: str, head: Sequence[str], rows: Iterable[Iterable[Content]]) -> Html:
    """Return a table that scrolls sideways rather than break the page; a style may stack its cells, which are labelled.

    Args:
        label: what it is, for those who do not see it.
        head: of its columns.
        rows: its cells.
    """
    first = tag("thead", tag("tr", [tag("th", cell, scope="col") for cell in head]))
    rest = tag(
        "tbody",
        [tag("tr", [tag("td", cell, data_label=name) for name, cell in zip(head, row, strict=True)]) for row in rows],
    )
    return tag("div", tag("table", first, rest), class_="scroller", role="region", aria_label=label, tabindex="0")


MADE_BY: Final = "<!doctype html>\n<!-- Made by `hangarstack contracts docs`. -->\n"
"""How every page begins."""


def document(title: str, body: Html) -> str:
    """Return a whole page."""
    policy = "default-src 'none'; style-src 'self'"
    head = (
        '<meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(policy)}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title>"
        '<link rel="stylesheet" href="contracts.css">'
    )
    page = f'<html lang="en"><head>{head}</head><body>{tag("main", body)}</body></html>'
    return f"{MADE_BY}{page}\n"
