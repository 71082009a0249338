"""Parts of pages that depend on nothing but an aircraft's version, rendered once for each."""

from __future__ import annotations

import json
from typing import Final

from jinja2 import Environment
from markupsafe import Markup

from hangarstack.catalogue.model import Aircraft
from hangarstack.web.caching import Recent
from hangarstack.web.hologram import blueprint, silhouette, wireframe
from hangarstack.web.hologram.drawing import Drawing, draw
from hangarstack.web.hologram.lineup import Outlines, outlines
from hangarstack.web.record import sections

_ROOM: Final = 1000
# A drawing is large and is needed only until everything has been drawn from it.
_DRAWINGS: Final = 8
SEARCH_SLOT: Final = "__search__"
"""Stands in a kept part for what the links of this answer carry."""


class Fragments:
    """Rendered parts, kept for the last 1,000 aircraft each; safe to share between threads.

    Args:
        templates: the app's.
    """

    def __init__(self, templates: Environment) -> None:
        self._templates = templates
        self._drawings: Recent[tuple[str, int], Drawing] = Recent(_DRAWINGS)
        self._cards: Recent[tuple[str, int], Markup] = Recent(_ROOM)
        self._bodies: Recent[tuple[str, int], Markup] = Recent(_ROOM)
        self._outlines: Recent[tuple[str, int], Outlines] = Recent(_ROOM)
        self._meshes: Recent[tuple[str, int], str] = Recent(_ROOM)

    def drawing(self, aircraft: Aircraft) -> Drawing:
        """Return the aircraft's drawing."""
        return self._drawings.get(_key(aircraft), lambda: draw(aircraft.record))

    def card(self, aircraft: Aircraft, search: str = "") -> Markup:
        """Return the aircraft's card.

        Args:
            aircraft: which one.
            search: what its link carries, such as ``?search=…``; nothing that needs escaping.
        """
        card = self._cards.get(_key(aircraft), lambda: self._card(aircraft))
        return Markup(card.replace(SEARCH_SLOT, search))  # noqa: S704 - our template, a UUID or nothing put in

    def body(self, aircraft: Aircraft) -> Markup:
        """Return the unchanging part of the aircraft's page: hologram, blueprint, figures, history, sources."""
        return self._bodies.get(_key(aircraft), lambda: self._body(aircraft))

    def outlines(self, aircraft: Aircraft) -> Outlines:
        """Return the aircraft's outlines for a line-up."""
        return self._outlines.get(_key(aircraft), lambda: outlines(self.drawing(aircraft)))

    def mesh(self, aircraft: Aircraft) -> str:
        """Return the wire frame as JSON text."""
        return self._meshes.get(
            _key(aircraft), lambda: json.dumps(wireframe.mesh(self.drawing(aircraft)), separators=(",", ":"))
        )

    def _card(self, aircraft: Aircraft) -> Markup:
        return self.render(
            "fragments/card.html",
            aircraft=aircraft,
            outline=silhouette.card(self.drawing(aircraft)),
            search=SEARCH_SLOT,
        )

    def _body(self, aircraft: Aircraft) -> Markup:
        drawing = self.drawing(aircraft)
        return self.render(
            "fragments/record.html",
            aircraft=aircraft,
            sections=sections(aircraft),
            still=wireframe.still(drawing),
            stage=(wireframe.WIDTH, wireframe.HEIGHT),
            wide=blueprint.wide(drawing),
            tall=blueprint.tall(drawing),
        )

    def render(self, template: str, **values: object) -> Markup:
        """Return a template, rendered; nothing is kept."""
        return Markup(self._templates.get_template(template).render(**values))  # noqa: S704 - the templates escape


def _key(aircraft: Aircraft) -> tuple[str, int]:
    return aircraft.id, aircraft.version
