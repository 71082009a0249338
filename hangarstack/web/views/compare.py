"""Aircraft side by side, at one scale."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from flask import Blueprint, Response, request
from markupsafe import Markup

from hangarstack.catalogue.model import Aircraft
from hangarstack.errors import AircraftNotFoundError
from hangarstack.web.hologram.lineup import line_up
from hangarstack.web.record import COMPARED, figure
from hangarstack.web.site import page, site, track

blueprint = Blueprint("compare", __name__)

MOST: Final = 4
_HERE: Final = "/compare"
_LONGEST_IDS: Final = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One aircraft of the comparison, and the address of the comparison without it."""

    aircraft: Aircraft
    without: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One figure, its share of the greatest in its row (0 to 100), and whether it is that one."""

    text: Markup | None
    share: int
    greatest: bool


@blueprint.get("/compare")
def compare() -> Response:
    """Show up to four aircraft side by side; ``ids`` names them, parted by commas or given several times."""
    here = site()
    here.watch.look()
    wanted = _wanted()
    found, unknown = [], []
    for aircraft_id in wanted[:MOST]:
        try:
            found.append(here.deps.catalogue.get(aircraft_id))
        except AircraftNotFoundError:
            unknown.append(aircraft_id)
    ids = ",".join(one.id for one in found)
    track().page(_HERE, attributes={"aircraft_ids": ids} if ids else {})
    return page(
        "compare.html",
        columns=[_column(one, found) for one in found],
        lineup=line_up([here.fragments.outlines(one) for one in found]) if found else None,
        rows=_rows(found) if found else (),
        unknown=unknown,
        too_many=len(wanted) > MOST,
        every=here.deps.catalogue.all(),
        most=MOST,
    )


def _wanted() -> list[str]:
    given = ",".join(request.args.getlist("ids"))[:_LONGEST_IDS]
    return list(dict.fromkeys(part for one in given.split(",") if (part := one.strip())))


def _column(aircraft: Aircraft, among: list[Aircraft]) -> Column:
    others = ",".join(one.id for one in among if one.id != aircraft.id)
    return Column(aircraft=aircraft, without=f"/compare?ids={others}")


def _rows(found: list[Aircraft]) -> list[tuple[str, list[Cell]]]:
    rows = []
    for label, path, unit in COMPARED:
        numbers = [one.number(path) if unit not in {"", "words"} else None for one in found]
        texts = [figure(one, path, unit) for one in found]
        if not any(text is not None for text in texts):
            continue
        greatest = max((n for n in numbers if n is not None), default=0.0)
        cells = [
            Cell(
                text=text,
                share=round(100 * n / greatest) if n is not None and greatest else 0,
                greatest=n is not None and n == greatest and len(found) > 1,
            )
            for text, n in zip(texts, numbers, strict=True)
        ]
        rows.append((label, cells))
    return rows
