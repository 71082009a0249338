from __future__ import annotations

import json
import re
from typing import Any

import pytest

from hangarstack.web.hologram import blueprint, silhouette, wireframe
from hangarstack.web.hologram.drawing import Drawing, draw
from hangarstack.web.hologram.lineup import line_up, outlines
from tests.support.aircraft import record
from tests.unit.web.fakes import records

RECORDS = records()


def picture(aircraft_id: str) -> Drawing:
    return draw(records([aircraft_id])[0])


def reach(path: str) -> tuple[float, float, float, float]:
    """Return the box of path data that consists of M, l and z alone."""
    xs, ys = [], []
    for run in filter(None, path.replace("z", "").split("M")):
        begin, _, steps = run.partition("l")
        x, y = map(float, begin.split(","))
        xs.append(x)
        ys.append(y)
        for dx, dy in re.findall(r"(-?\d+),(-?\d+)", steps):
            x, y = x + float(dx), y + float(dy)
            xs.append(x)
            ys.append(y)
    return min(xs), min(ys), max(xs), max(ys)


@pytest.mark.parametrize("one", RECORDS, ids=[one["id"] for one in RECORDS])
def test_every_picture_stays_within_its_drawing_and_small(one: dict[str, Any]) -> None:
    drawing = draw(one)
    card = silhouette.card(drawing)
    left, top, right, bottom = reach(card.path)
    assert min(left, top) >= 0
    assert max(right, bottom) <= silhouette.CARD
    assert len(card.path + card.rotors) < 3000
    for printed in (blueprint.wide(drawing), blueprint.tall(drawing)):
        left, top, right, bottom = reach(printed.outlines)
        assert min(left, top) >= 0
        assert right <= printed.width
        assert bottom <= printed.height
    still = reach(wireframe.still(drawing))
    assert still[0] >= 0
    assert still[2] <= wireframe.WIDTH
    assert len(json.dumps(wireframe.mesh(drawing))) < 40_000


def test_all_views_of_a_blueprint_have_one_scale() -> None:
    printed = blueprint.wide(picture("boeing-737-800"))
    length, height, span = printed.measures
    assert (length.x2 - length.x1) / 39.47 == pytest.approx((span.x2 - span.x1) / 35.79, rel=0.01)
    assert (length.x2 - length.x1) / 39.47 == pytest.approx((height.y2 - height.y1) / 12.55, rel=0.01)
    assert printed.bar / printed.bar_m == pytest.approx((length.x2 - length.x1) / 39.47, rel=0.01)
    assert height.upright
    assert not span.upright


def test_a_lineup_keeps_the_true_proportions_between_aircraft() -> None:
    big, small = outlines(picture("boeing-737-800")), outlines(picture("robinson-r44"))
    lined = line_up([big, small])
    assert big.plan.width / small.plan.width == pytest.approx(35.79 / 10.06, rel=0.02)
    assert big.side.height / small.side.height == pytest.approx(12.55 / 3.28, rel=0.05)
    assert lined.metre == pytest.approx(silhouette.UNITS_PER_METRE * lined.scale, rel=0.01)
    assert lined.shapes[1].plan_x > lined.shapes[0].plan_x + big.plan.width * lined.scale
    assert lined.width <= 1000 + 40


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_up_to_four_of_the_largest_fit_beside_each_other(count: int) -> None:
    size = {"length_m": 120.0, "wingspan_m": 130.0, "height_m": 30.0}
    lined = line_up([outlines(draw(record(dimensions=size)))] * count)
    assert lined.width <= 1001
    assert lined.bar > 0


def test_the_mesh_is_in_whole_centimetres_with_the_rotors_apart() -> None:
    made = wireframe.mesh(picture("robinson-r44"))
    assert made["length"] == 1166
    assert {spinner["axis"] for spinner in made["spinners"]} == {1, 2}
    assert all(len(line) % 3 == 0 and all(type(c) is int for c in line) for line in made["lines"])
