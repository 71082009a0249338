"""Small outlines: on the cards of the catalogue, and beside each other at one scale."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from hangarstack.web.hologram.drawing import Drawing
from hangarstack.web.hologram.svg import Place, closed, placing, rotors

CARD: Final = 240
UNITS_PER_METRE: Final = 40
"""Scale of ``exact``: whole units are precise to 2.5 cm, and a page scales them as it needs."""
_CARD_FILL: Final = 0.92


@dataclass(frozen=True, slots=True, kw_only=True)
class Silhouette:
    """Path data of the body and of what spins, with the size of the drawing that they fill, in its own units."""

    path: str
    rotors: str
    width: int
    height: int


def card(drawing: Drawing) -> Silhouette:
    """Return the aircraft from above, nose up, as large as a card of ``CARD`` by ``CARD`` allows."""
    left, top, right, bottom = drawing.extent("plan")
    long, wide = right - left, bottom - top
    scale = _CARD_FILL * CARD / max(long, wide)
    place = placing(scale, left=CARD / 2, top=(CARD - long * scale) / 2 - left * scale, nose_up=True)
    return _silhouette(drawing, "plan", place, CARD, CARD)


def exact(drawing: Drawing, view: str) -> Silhouette:
    """Return one view at ``UNITS_PER_METRE``, cut to its size: the plan nose up, the others standing on the ground."""
    left, top, right, bottom = drawing.extent(view)
    scale = UNITS_PER_METRE
    if view == "plan":
        place = placing(scale, left=-top * scale, top=-left * scale, nose_up=True)
        return _silhouette(drawing, view, place, round((bottom - top) * scale), round((right - left) * scale))
    # The ground is the lower edge, also for a wheel that is drawn a hair below it.
    place = placing(scale, left=-left * scale, top=bottom * scale, up=True)
    return _silhouette(drawing, view, place, round((right - left) * scale), round(bottom * scale))


def _silhouette(drawing: Drawing, view: str, place: Place, width: int, height: int) -> Silhouette:
    return Silhouette(
        path=closed(drawing.outlines(view), place),
        rotors=rotors(drawing.spinners(), view, place),
        width=width,
        height=height,
    )
