from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from hangarstack.errors import RegistryUnavailableError, SchemaNotFoundError
from hangarstack.registry.aside import AskedAside


class Registry:
    """Answers when it is let; asked from several threads."""

    def __init__(self) -> None:
        self.answers = threading.Event()
        self.asked: list[int] = []
        self.error: Exception | None = None

    def schema_of(self, schema_id: int) -> str:
        self.asked.append(schema_id)
        self.answers.wait(30)
        if self.error is not None:
            raise self.error
        return f"schema {schema_id}"


@pytest.fixture
def registry() -> Iterator[Registry]:
    made = Registry()
    yield made
    made.answers.set()


def eventually(aside: AskedAside, schema_id: int) -> str:
    """Return the text, asked for as a member asks: again and again."""
    until = time.monotonic() + 20
    while True:
        try:
            return aside.schema_of(schema_id)
        except RegistryUnavailableError:
            assert time.monotonic() < until
            time.sleep(0.02)


def test_a_registry_that_answers_is_waited_for(registry: Registry) -> None:
    registry.answers.set()
    aside = AskedAside(registry)
    assert [eventually(aside, 1), eventually(aside, 2)] == ["schema 1", "schema 2"]


def test_a_registry_that_does_not_answer_keeps_nobody_waiting_and_is_asked_once(registry: Registry) -> None:
    aside = AskedAside(registry)
    began = time.monotonic()
    for _ in range(200):
        with pytest.raises(RegistryUnavailableError, match="has not answered yet"):
            aside.schema_of(1)
    assert time.monotonic() - began < 2.5
    assert registry.asked == [1]


def test_an_answer_that_came_meanwhile_is_there_at_the_next_call(registry: Registry) -> None:
    aside = AskedAside(registry)
    with pytest.raises(RegistryUnavailableError):
        aside.schema_of(1)
    registry.answers.set()
    assert eventually(aside, 1) == "schema 1"
    assert registry.asked == [1]


def test_a_question_that_could_not_be_asked_is_asked_anew(registry: Registry) -> None:
    registry.answers.set()
    registry.error = RegistryUnavailableError("the registry cannot be reached")
    aside = AskedAside(registry)
    with pytest.raises(RegistryUnavailableError):
        aside.schema_of(1)
    registry.error = None
    assert eventually(aside, 1) == "schema 1"


def test_an_id_that_there_is_not_is_told_as_such(registry: Registry) -> None:
    registry.answers.set()
    registry.error = SchemaNotFoundError("there is no schema 1")
    with pytest.raises(SchemaNotFoundError):
        eventually(AskedAside(registry), 1)
