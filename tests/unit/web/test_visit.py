from __future__ import annotations

from http.cookies import SimpleCookie

import pytest

from hangarstack.web.visit import IDLE_S, VisitCookie, fresh_visit

NOW = 1_800_000_000_000
COOKIES = VisitCookie(b"a secret of the site")


def test_a_cookie_brings_the_visit_back() -> None:
    visit = fresh_visit(NOW).moved_to("/aircraft/<id>", NOW)
    assert COOKIES.load(COOKIES.dump(visit), NOW + 5000) == visit


def test_a_visit_counts_its_steps_and_remembers_the_page() -> None:
    visit = fresh_visit(NOW).moved_to("/", NOW).moved_to("/compare", NOW + 1)
    assert (visit.step, visit.page) == (2, "/compare")


@pytest.mark.parametrize("value", [None, "", "nonsense", "a.b.c.d.e", "0" * 32 + ".1.0.1800000000000." + "A" * 22])
def test_what_is_no_cookie_of_ours_begins_a_new_visit(value: str | None) -> None:
    visit = COOKIES.load(value, NOW)
    assert (visit.step, visit.page) == (0, None)


def test_a_changed_cookie_begins_a_new_visit() -> None:
    visit = fresh_visit(NOW).moved_to("/", NOW)
    value = COOKIES.dump(visit)
    forged = value.replace(".1.", ".7.", 1)
    assert COOKIES.load(forged, NOW).session_id != visit.session_id


def test_a_cookie_of_another_site_begins_a_new_visit() -> None:
    visit = fresh_visit(NOW).moved_to("/", NOW)
    assert VisitCookie(b"another secret").load(COOKIES.dump(visit), NOW).session_id != visit.session_id


def test_an_idle_visit_is_over() -> None:
    visit = fresh_visit(NOW).moved_to("/", NOW)
    late = NOW + IDLE_S * 1000
    assert COOKIES.load(COOKIES.dump(visit), late).session_id == visit.session_id
    assert COOKIES.load(COOKIES.dump(visit), late + 1).session_id != visit.session_id


def test_a_visit_from_the_future_is_not_believed() -> None:
    visit = fresh_visit(NOW).moved_to("/", NOW)
    assert COOKIES.load(COOKIES.dump(visit), NOW - 1).session_id != visit.session_id


def test_the_value_needs_no_quoting_in_a_cookie_header() -> None:
    value = COOKIES.dump(fresh_visit(NOW).moved_to("/", NOW))
    assert SimpleCookie(f"s={value}")["s"].value == value
    assert '"' not in value
