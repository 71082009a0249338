"""HTML as text that is escaped unless it is HTML already."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import TypeAlias


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


def table(head: Iterable[Content], rows: Iterable[Iterable[Content]], **attributes: str) -> Html:
    """Return a table that scrolls sideways rather than break the page."""
    first = tag("thead", tag("tr", [tag("th", cell, scope="col") for cell in head]))
    rest = tag("tbody", [tag("tr", [tag("td", cell) for cell in row]) for row in rows])
    return tag("div", tag("table", first, rest, **attributes), class_="scroll", tabindex="0")


def document(title: str, *body: Content) -> str:
    """Return a whole page."""
    policy = "default-src 'none'; style-src 'self'"
    head = (
        '<meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(policy)}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title>"
        '<link rel="stylesheet" href="contracts.css">'
    )
    page = f'<html lang="en"><head>{head}</head><body>{tag("main", *body)}</body></html>'
    return f"<!doctype html>\n<!-- Made by `hangarstack contracts docs`. -->\n{page}\n"
