"""Small outlines: on the cards of the catalogue, and beside each other at one scale."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from hangarstack.web.hologram.drawing import Drawing
from hangarstack.web.hologram.svg import closed

CARD: Final = 240
_CARD_FILL: Final = 0.92


@dataclass(frozen=True, slots=True, kw_only=True)
class Silhouette:
    """Path data with the size of the drawing that it fills, in its own units."""

    path: str
    width: int
    height: int


def card(drawing: Drawing) -> Silhouette:
    """Return the aircraft from above, nose up, as large as a card of ``CARD`` by ``CARD`` allows."""
    outlines = [[(y, x) for x, y in outline] for outline in drawing.outlines("plan")]
    left, top, right, bottom = drawing.extent("plan")
    long, wide = right - left, bottom - top
    scale = _CARD_FILL * CARD / max(long, wide)
    path = closed(outlines, scale=scale, left=CARD / 2, top=(CARD - long * scale) / 2 - left * scale)
    return Silhouette(path=path, width=CARD, height=CARD)


def to_scale(drawing: Drawing, view: str, scale: float) -> Silhouette:
    """Return one view at a given scale, cut to its size.

    Args:
        drawing: the aircraft.
        view: plan (nose up), side or front.
        scale: units of the drawing to a metre.
    """
    left, top, right, bottom = drawing.extent(view)
    outlines = drawing.outlines(view)
    if view == "plan":
        outlines = [[(y, x) for x, y in outline] for outline in outlines]
        left, top, right, bottom = top, left, bottom, right
        path = closed(outlines, scale=scale, left=-left * scale, top=-top * scale)
    else:
        path = closed(outlines, scale=scale, left=-left * scale, top=bottom * scale, up=True)
    return Silhouette(path=path, width=round((right - left) * scale), height=round((bottom - min(top, 0.0)) * scale))
