"""One suite of client calls for two registries: the embedded one and another make."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from confluent_kafka.schema_registry import SchemaRegistryClient

from tests.integration.registry.cases import CASES
from tests.integration.registry.cases.case import Talk, outcome
from tests.integration.registry.differences import DIFFERENCES
from tests.support.second_registry import SecondRegistry


@pytest.fixture(scope="module", params=["embedded", "second"])
def asked(request: pytest.FixtureRequest) -> Iterator[tuple[str, Talk]]:
    """The kind of a registry, and a talk with it; what was made is deleted afterwards, for it may be somebody's."""
    if request.param == "embedded":
        kind, registry = "embedded", request.getfixturevalue("registry")
    else:
        second: SecondRegistry = request.getfixturevalue("second_registry")
        kind, registry = second.kind, second.registry
    with SchemaRegistryClient({"url": registry.url, "timeout": 10, "max.retries": 0}) as client:
        talk = Talk(registry=registry, client=client)
        yield kind, talk
        for topic in talk.topics:
            talk.ask("DELETE", f"/associations/resources/{topic}?cascadeLifecycle=true")
        for kek in talk.keks:
            path = f"/dek-registry/v1/keks/{kek}"
            for each in (*(f"{path}/deks/{subject}" for subject in talk.subjects), path):
                for query in ("", "?permanent=true"):
                    talk.ask("DELETE", f"{each}{query}")
        for subject in reversed(talk.subjects):
            for query in ("", "?permanent=true"):
                talk.ask("DELETE", f"/subjects/{subject}{query}")


@pytest.mark.parametrize("name", CASES)
def test_a_registry_answers_as_confluent_documents_or_as_known(name: str, asked: tuple[str, Talk]) -> None:
    kind, talk = asked
    case = CASES[name]
    difference = DIFFERENCES[kind].get(name)
    talk.client.clear_caches()  # type: ignore[no-untyped-call]  # the client says no types here
    answer = outcome(lambda: case.call(talk))
    if difference is None:
        assert answer == case.answer
    else:
        assert answer != case.answer, f"{name} is a known difference no more: take it from the table"
        assert answer == difference.answer


def test_every_known_difference_is_of_a_case() -> None:
    assert {name for table in DIFFERENCES.values() for name in table} <= set(CASES)


def test_every_known_difference_is_documented_with_its_reason() -> None:
    rows = (Path(__file__).parents[3] / "docs" / "registry.md").read_text(encoding="utf-8").splitlines()
    documented = {
        (row.split("|")[1].strip(), name) for row in rows if row.startswith("| ") for name in row.split("`")[1::2]
    }
    known = {(each.why, name) for table in DIFFERENCES.values() for name, each in table.items()}
    assert known <= documented
