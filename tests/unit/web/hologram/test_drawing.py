from __future__ import annotations

import itertools
from typing import Any

import pytest

from hangarstack.web.hologram.drawing import draw
from hangarstack.web.hologram.solids import Body, Surface
from tests.support.aircraft import record
from tests.unit.web.fakes import records

RECORDS = records()
WINGS = ("straight", "tapered", "swept", "delta", "variable", "forward-swept", "flying-wing", "biplane", "tiltrotor")
PLACES = ("under-wing", "on-wing", "over-wing", "rear-fuselage", "in-fuselage", "nose", "pusher", "above-fuselage")
TAILS = ("conventional", "t-tail", "twin", "v-tail", "cruciform", "none")


@pytest.mark.parametrize("one", RECORDS, ids=[one["id"] for one in RECORDS])
def test_every_aircraft_measures_what_its_record_says(one: dict[str, Any]) -> None:
    drawing, size = draw(one), one["dimensions"]
    bricks = [solid for solid in drawing.solids if isinstance(solid, Body | Surface)]
    span = [abs(y) for brick in bricks for _, y in brick.outline("plan")]
    if "wingspan_m" in size and not drawing.frame.rotary:
        assert 2 * max(span) == pytest.approx(size["wingspan_m"], rel=0.01)
    if "rotor_diameter_m" in size:
        assert max(2 * disc.radius for disc in drawing.spinners()) == pytest.approx(size["rotor_diameter_m"])
    reach = [x for brick in bricks for x, _ in brick.outline("plan")]
    if not drawing.frame.overall:
        assert min(reach) == pytest.approx(0, abs=0.05 * size["length_m"])
        assert max(reach) == pytest.approx(size["length_m"], rel=0.001)
    else:
        left, _, right, _ = drawing.extent("plan")
        assert right - left == pytest.approx(size["length_m"], rel=0.02)
    _, low, _, high = drawing.extent("side")
    assert high == pytest.approx(size["height_m"], rel=0.05)
    assert low == pytest.approx(0, abs=0.1)


@pytest.mark.parametrize("wing", WINGS)
def test_any_configuration_can_be_drawn(wing: str) -> None:
    tails = itertools.cycle(TAILS)
    for place, engines, kind in itertools.product(PLACES, (0, 1, 2, 3, 8), ("turbofan", "piston")):
        shape = {"wing": wing, "wing_position": "mid", "engine_position": place, "tail": next(tails)}
        plant = {"engines": engines, "type": kind, "model": "x"}
        drawing = draw(record(shape=shape, powerplant=plant))
        assert drawing.extent("side")[3] == pytest.approx(4.9, rel=0.25)
        assert 50 < sum(len(line) for line in drawing.wires()) < 4000


@pytest.mark.parametrize("wing", ["rotor", "tandem-rotor"])
@pytest.mark.parametrize("tail", [*TAILS, "rotor", "fenestron"])
@pytest.mark.parametrize("length", [9.0, 12.0, 30.0])
def test_any_helicopter_can_be_drawn(wing: str, tail: str, length: float) -> None:
    size = {"length_m": length, "rotor_diameter_m": 11.0, "height_m": 3.3}
    shape = {"wing": wing, "engine_position": "above-fuselage", "tail": tail}
    drawing = draw(record(dimensions=size, shape=shape))
    assert {2 * disc.radius for disc in drawing.spinners() if disc.axis == 2} == {11.0}


@pytest.mark.parametrize(("length", "span", "height"), [(1.0, 130.0, 0.5), (120.0, 1.0, 30.0), (1.0, 1.0, 30.0)])
def test_the_extremes_that_the_schema_allows_can_be_drawn(length: float, span: float, height: float) -> None:
    size = {"length_m": length, "wingspan_m": span, "height_m": height}
    drawing = draw(record(dimensions=size))
    assert drawing.frame.length == length
    assert drawing.wires()


def test_a_tiltrotor_without_a_known_span_has_wings_but_no_span_to_show() -> None:
    size = {"length_m": 17.5, "rotor_diameter_m": 11.6, "height_m": 6.7}
    shape = {"wing": "tiltrotor", "wing_position": "high", "engine_position": "wing-tip", "tail": "twin"}
    frame = draw(record(dimensions=size, shape=shape)).frame
    assert frame.span > frame.rotor
    assert not frame.span_known
