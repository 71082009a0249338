from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hangarstack.web.units import IMPERIAL_RANGES, both, imperial, metric, number


@pytest.mark.parametrize(
    ("value", "unit", "in_metric", "in_imperial"),
    [
        (39.47, "m", "39.47 m", "129 ft 6 in"),
        (1.8, "m", "1.8 m", "5 ft 11 in"),
        (0.3047, "m", "0.3 m", "1 ft 0 in"),
        (79016, "kg", "79,016 kg", "174,200 lb"),
        (876, "kmh", "876 km/h", "544 mph"),
        (5436, "km", "5,436 km", "3,378 mi"),
        (12497, "altitude", "12,497 m", "41,001 ft"),
        (121.4, "kn", "121.4 kN", "27,292 lbf"),
        (124.6, "m2", "124.6 m²", "1,341 sq ft"),
        (10, "ms", "10 m/s", "1,969 ft/min"),
        (183, "kw", "183 kW", "245 hp"),
    ],
)
def test_a_figure_is_shown_in_both_systems(value: float, unit: str, in_metric: str, in_imperial: str) -> None:
    assert metric(value, unit) == in_metric
    assert imperial(value, unit) == in_imperial


def test_both_are_two_elements_of_which_the_page_hides_one() -> None:
    assert both(10, "km") == '<span class="metric">10 km</span><span class="imperial">6 mi</span>'


@pytest.mark.parametrize(("value", "text"), [(10.0, "10"), (10.5, "10.5"), (1000.0, "1,000"), (0.25, "0.25")])
def test_a_number_loses_needless_zeros(value: float, text: str) -> None:
    assert number(value) == text


@pytest.mark.parametrize("name", IMPERIAL_RANGES)
@given(value=st.integers(1, 999_999).map(lambda n: n / 10) | st.integers(1, 999_999))
def test_a_filter_comes_back_from_imperial_units_as_it_was(name: str, value: float) -> None:
    imperial_range = IMPERIAL_RANGES[name]
    assert imperial_range.read(float(imperial_range.shown(value))) == value
