from __future__ import annotations

import json
import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator

from hangarstack.analytics.popularity import AircraftViews
from hangarstack.analytics.search_insights import SearchedText
from hangarstack.events import AircraftView, SearchQuery, ViewSource
from hangarstack.web.tracking import ACCEPTED_HEADER
from tests.unit.web.fakes import World, component, revision

BOEING = "/api/v1/aircraft/boeing-737-800"


def test_totals_have_exactly_the_keys_that_scripts_read(client: FlaskClient, world: World) -> None:
    world.models.counted["aircraft_views"] = 5
    client.get("/")
    assert client.get("/api/v1/analytics/totals").json == {
        "aircraft_views": 5,
        "user_activities": 0,
        "search_queries": 0,
        "data_updates": 0,
        "system_events": 0,
        "dead_letters": 0,
        "spooled": 1,
    }


def test_aircraft_are_listed_with_the_names_by_which_people_search(client: FlaskClient, world: World) -> None:
    answer = client.get("/api/v1/aircraft?per_page=1000").json
    assert answer is not None
    assert answer["total"] == len(answer["aircraft"]) == 5
    by_id = {one["id"]: one for one in answer["aircraft"]}
    assert by_id["mikoyan-mig-29"]["nato_name"] == "Fulcrum"
    assert by_id["boeing-737-800"]["icao"] == "B738"
    assert "737NG" in by_id["boeing-737-800"]["aliases"]
    assert world.sink.events == []


def test_the_list_obeys_filters_and_pages(client: FlaskClient) -> None:
    answer = client.get("/api/v1/aircraft?category=military&sort=oldest&per_page=2&page=2").json
    assert answer is not None
    assert (answer["total"], answer["page"], len(answer["aircraft"])) == (3, 2, 1)


@pytest.mark.parametrize(
    "query",
    [
        "per_page=0",
        "per_page=1001",
        "per_page=x",
        "page=0",
        "length_m_min=long",
        "range_mi_max=1.7e308",
        "sort=x",
        "category=spaceship",
        "role=x",
        "status=x",
        "manufacturer=Nobody",
        "country=zz",
        "engine_type=steam",
        "engines=two",
        "wing=x",
        "manufacturer=" + "w" * 81,
        "q=a%00b",
        "category=%00",
    ],
)
def test_a_senseless_parameter_is_a_problem_that_names_it(client: FlaskClient, query: str) -> None:
    answer = client.get(f"/api/v1/aircraft?{query}")
    assert answer.status_code == 400
    assert answer.content_type == "application/problem+json"
    assert answer.json is not None
    assert query.split("=")[0] in answer.json["problems"]
    assert client.get(f"/api/v1/search?{query}&q=su27").status_code == (200 if "per_page" in query else 400)


def test_a_value_that_no_aircraft_has_now_but_one_could_finds_nothing(client: FlaskClient) -> None:
    answer = client.get("/api/v1/aircraft?category=general-aviation&country=NL")
    assert (answer.status_code, answer.json and answer.json["total"]) == (200, 0)


def test_a_text_that_nobody_types_gets_no_suggestions_but_a_problem(client: FlaskClient) -> None:
    assert client.get("/api/v1/suggest?q=%00").status_code == 400
    assert client.get("/api/v1/suggest?q=su27&category=spaceship").status_code == 200


def test_one_aircraft_is_its_whole_record_and_a_view(client: FlaskClient, world: World) -> None:
    answer = client.get(BOEING)
    assert answer.json is not None
    assert answer.json["dimensions"]["length_m"] == 39.47
    assert answer.json["version"] == 1
    assert answer.headers[ACCEPTED_HEADER] == "AircraftView"
    assert world.sink.of(AircraftView)[0].source is ViewSource.API


def test_an_unknown_aircraft_is_a_problem_with_suggestions(client: FlaskClient) -> None:
    answer = client.get("/api/v1/aircraft/boing-737")
    assert answer.status_code == 404
    assert answer.json is not None
    assert answer.json["suggestions"][0]["id"] == "boeing-737-800"


def test_an_answer_that_has_not_changed_is_not_sent_again(client: FlaskClient) -> None:
    first = client.get(BOEING)
    again = client.get(BOEING, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert client.get(BOEING, headers={"If-None-Match": '"other"'}).status_code == 200


def test_a_search_is_answered_and_reported(client: FlaskClient, world: World) -> None:
    answer = client.get("/api/v1/search?q=fulcrm").json
    (search,) = world.sink.of(SearchQuery)
    assert answer is not None
    assert answer["corrected"] == "fulcrum"
    assert answer["search_id"] == str(search.event_id)
    assert [one["id"] for one in answer["aircraft"]] == ["mikoyan-mig-29"]


def test_a_search_without_text_is_a_problem(client: FlaskClient) -> None:
    assert client.get("/api/v1/search").status_code == 400


def test_a_search_that_finds_nothing_suggests(client: FlaskClient) -> None:
    answer = client.get("/api/v1/search?q=zzyzx+37").json
    assert answer is not None
    assert answer["total"] == 0
    assert answer["suggestions"]


def test_suggestions_while_typing_are_not_reported(client: FlaskClient, world: World) -> None:
    answer = client.get("/api/v1/suggest?q=su").json
    assert answer is not None
    assert [one["name"] for one in answer["aircraft"]] == ["Sukhoi Su-27"]
    assert client.get("/api/v1/suggest?q=").json == {"query": "", "aircraft": []}
    assert world.sink.events == []


def test_latency_is_a_histogram_per_service(client: FlaskClient) -> None:
    assert client.get("/api/v1/analytics/latency").json == {
        "services": [
            {
                "service": "popularity",
                "events": 100,
                "p50_ms": 6.0,
                "p99_ms": 49.5,
                "buckets": [{"le_ms": 10.0, "count": 80}, {"le_ms": 50.0, "count": 19}, {"le_ms": None, "count": 1}],
            }
        ]
    }


def test_history_tells_each_field_before_and_after(client: FlaskClient, world: World) -> None:
    world.models.revisions = [revision("boeing-737-800")]
    answer = client.get(f"{BOEING}/history").json
    assert answer is not None
    assert answer["history"][0]["changes"] == [{"path": "performance.range_km", "before": "5436", "after": "5446"}]
    assert "actor" not in answer["history"][0]


def test_the_pulse_is_sixty_minutes(client: FlaskClient, world: World) -> None:
    world.models.minutes = [*range(60)]
    answer = client.get(f"{BOEING}/pulse").json
    assert answer is not None
    assert (answer["last_hour"], len(answer["per_minute"])) == (1770, 60)


@pytest.mark.parametrize("name", ["popularity", "searches", "journeys", "health", "changes", "totals", "latency"])
def test_analytics_answer_without_any_read_model(client: FlaskClient, world: World, name: str) -> None:
    world.models.trouble = True
    assert client.get(f"/api/v1/analytics/{name}").status_code == 200


def test_the_description_names_every_address_of_the_api_and_no_other(client: FlaskClient) -> None:
    described: dict[str, Any] = json.loads(client.get("/api/openapi.json").data)
    rules = {
        re.sub(r"<[^>]*>", "{id}", rule.rule)
        for rule in client.application.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/")
    }
    assert set(described["paths"]) == rules | {"/stream", "/healthz", "/readyz", "/metrics"}
    assert described["openapi"].startswith("3.1")


def test_every_reference_of_the_description_leads_somewhere(client: FlaskClient) -> None:
    text = client.get("/api/openapi.json").text
    schemas = json.loads(text)["components"]["schemas"]
    assert set(re.findall(r'"#/components/schemas/(\w+)"', text)) <= set(schemas)


@pytest.mark.parametrize(
    "address",
    [
        "/api/v1/aircraft/{id}/history",
        "/api/v1/aircraft/{id}/pulse",
        "/api/v1/aircraft/{id}/hologram",
        "/api/v1/suggest",
        *(
            f"/api/v1/analytics/{name}"
            for name in ("popularity", "searches", "journeys", "health", "changes", "totals")
        ),
        "/readyz",
    ],
)
def test_an_answer_is_what_the_description_says_and_nothing_else(
    client: FlaskClient, world: World, address: str
) -> None:
    models = world.models
    models.popular = [AircraftViews(aircraft_id="robinson-r44", views=3)]
    models.texts = [SearchedText(text="su", searches=3, empty=3)]
    models.revisions = [revision("boeing-737-800")]
    models.parts = [component("web")]
    described = json.loads(client.get("/api/openapi.json").data)
    content = described["paths"][address]["get"]["responses"]["200"]["content"]
    schema = {**content["application/json"]["schema"], "components": closed(described["components"])}
    answer = client.get(address.replace("{id}", "boeing-737-800"), query_string={"q": "su"}).json
    assert [error.message for error in Draft202012Validator(schema).iter_errors(answer)] == []


def closed(schema: Any) -> Any:
    """Return a schema whose objects with described properties have no others."""
    if isinstance(schema, list):
        return [closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {key: closed(value) for key, value in schema.items()}
    return inner | {"additionalProperties": False} if inner.get("required") else inner
