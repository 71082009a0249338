"""The turning hologram: lines in space for the canvas, and the same seen from one side for a page without script."""

from __future__ import annotations

import math
from typing import Any, Final

from hangarstack.web.hologram.drawing import Drawing
from hangarstack.web.hologram.solids import Point
from hangarstack.web.hologram.svg import lines

WIDTH: Final = 960
HEIGHT: Final = 540
_AZIMUTH: Final = math.radians(36)
_ELEVATION: Final = math.radians(18)
_FILL: Final = 0.88
_CENTIMETRES: Final = 100


def mesh(drawing: Drawing) -> dict[str, Any]:
    """Return the wire frame in whole centimetres, x from nose to tail: ``lines`` as flat lists, and what spins."""
    return {
        "length": round(drawing.frame.length * _CENTIMETRES),
        "width": round(max(drawing.frame.span, drawing.frame.rotor) * _CENTIMETRES),
        "height": round(drawing.frame.height * _CENTIMETRES),
        "lines": [[round(c * _CENTIMETRES) for point in line for c in point] for line in drawing.wires()],
        "spinners": [
            {
                "centre": [round(c * _CENTIMETRES) for c in disc.centre],
                "radius": round(disc.radius * _CENTIMETRES),
                "axis": disc.axis,
                "blades": disc.blades,
            }
            for disc in drawing.spinners()
        ],
    }


def still(drawing: Drawing) -> str:
    """Return the path data of the hologram at rest, in a drawing of ``WIDTH`` by ``HEIGHT``."""
    spinning = [line for disc in drawing.spinners() for line in disc.wire()]
    flat = [[_project(drawing, p) for p in line] for line in drawing.wires() + spinning]
    xs = [x for line in flat for x, _ in line]
    ys = [y for line in flat for _, y in line]
    scale = _FILL * min(WIDTH / (max(xs) - min(xs)), HEIGHT / (max(ys) - min(ys)))
    across, down = WIDTH / 2 - scale * (max(xs) + min(xs)) / 2, HEIGHT / 2 - scale * (max(ys) + min(ys)) / 2
    return lines([[(across + x * scale, down + y * scale) for x, y in line] for line in flat])


def _project(drawing: Drawing, point: Point) -> tuple[float, float]:
    x, y, z = point[0] - drawing.frame.length / 2, point[1], point[2] - drawing.frame.height / 2
    across = x * math.cos(_AZIMUTH) + y * math.sin(_AZIMUTH)
    deep = y * math.cos(_AZIMUTH) - x * math.sin(_AZIMUTH)
    return across, deep * math.sin(_ELEVATION) - z * math.cos(_ELEVATION)
