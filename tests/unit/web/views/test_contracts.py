from __future__ import annotations

from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from hangarstack.errors import ContractTreeError
from hangarstack.events import UserActivity
from hangarstack.web.app import create_app
from hangarstack.web.ports import ContractPage
from tests.unit.web.fakes import World


def test_the_index_leads_to_every_contract_and_the_footer_to_the_index(client: FlaskClient) -> None:
    assert 'href="/contracts"' in client.get("/").text.split("<footer")[1]
    index = client.get("/contracts")
    assert index.status_code == 200
    for name in ("aircraft_view", "data_update", "search_query", "system_event", "user_activity"):
        assert f'href="/contracts/{name}"' in index.text
        shown = client.get(f"/contracts/{name}").text
        for part in ("fields", "history", "compatibility", "who", "pii", "examples"):
            assert f'<section id="{part}">' in shown
        assert 'href="/contracts"' in shown.split("<main")[1]


def test_a_contract_page_brings_no_style_or_script_that_the_policy_forbids(client: FlaskClient) -> None:
    text = client.get("/contracts/aircraft_view").text
    body = text.split("<main")[1]
    assert "<script" not in body
    assert "<style" not in text
    assert " style=" not in text
    assert text.count("<h1") == 1


def test_the_pages_are_made_when_the_first_is_asked_for_and_once(world: World) -> None:
    made: list[dict[str, ContractPage]] = []

    def make() -> dict[str, ContractPage]:
        made.append(dict(world.deps.contracts()))
        return made[-1]

    app = create_app(world.settings, deps=replace(world.deps, contracts=make))
    visitor = app.test_client()
    visitor.get("/")
    assert made == []
    for path in ("/contracts", "/contracts/search_query", "/contracts/search_query"):
        assert visitor.get(path).status_code == 200
    assert len(made) == 1


@pytest.mark.parametrize("written", ["AircraftView", "aircraft-view", "AIRCRAFT_VIEW"])
def test_a_name_that_is_written_otherwise_leads_to_the_contract(client: FlaskClient, written: str) -> None:
    answer = client.get(f"/contracts/{written}")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/contracts/aircraft_view")


@pytest.mark.parametrize(
    ("wrong", "link"),
    [("aircraft_views", "/contracts/aircraft_view"), ("search", "/contracts/search_query"), ("%00", "/contracts")],
)
def test_an_unknown_contract_is_not_found_and_says_which_may_be_meant(
    client: FlaskClient, wrong: str, link: str
) -> None:
    answer = client.get(f"/contracts/{wrong}")
    assert answer.status_code == 404
    assert f'<li><a href="{link}">' in answer.text


def test_an_unknown_name_is_shown_as_text(client: FlaskClient) -> None:
    answer = client.get("/contracts/<b>" + "x" * 500)
    assert answer.status_code == 404
    assert "“&lt;b&gt;xxx" in answer.text
    assert "x" * 100 not in answer.text


def test_a_visit_of_a_contract_is_a_step_by_its_template(client: FlaskClient, world: World) -> None:
    client.get("/contracts/user_activity")
    (step,) = world.sink.of(UserActivity)
    assert (step.page, step.attributes) == ("/contracts/<name>", {"contract": "user_activity"})


def test_contracts_that_cannot_be_read_are_an_outage_of_these_pages_alone(world: World) -> None:
    def broken() -> dict[str, ContractPage]:
        raise ContractTreeError("there is no such directory")

    visitor = create_app(world.settings, deps=replace(world.deps, contracts=broken)).test_client()
    assert visitor.get("/contracts").status_code == 503
    assert visitor.get("/").status_code == 200
