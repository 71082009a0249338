"""What a case is: a call, and the answer that a registry ought to give."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, TypeAlias

from confluent_kafka.schema_registry import Schema, SchemaRegistryClient
from confluent_kafka.schema_registry.error import SchemaRegistryError

from tests.support.registry import Answer, Registry


class Refused(NamedTuple):
    """What a client is told: HTTP status and ``error_code``, -1 when the body has none."""

    status: int
    code: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """A registry to talk to, by Confluent's client and by raw requests.

    Args:
        registry: for raw requests.
        client: Confluent's, which remembers nothing of other cases.
    """

    registry: Registry
    client: SchemaRegistryClient
    subjects: list[str] = field(default_factory=list)
    topics: list[str] = field(default_factory=list)
    keks: list[str] = field(default_factory=list)

    def subject(self, *, topic: str = "") -> str:
        """Return a subject that nobody else uses."""
        name = f"{topic or f'case-{uuid.uuid4().hex}'}-value"
        self.subjects.append(name)
        return name

    def topic(self) -> str:
        """Return a topic that nobody else uses; its id is its name."""
        name = f"case-{uuid.uuid4().hex}"
        self.topics.append(name)
        return name

    def kek(self) -> str:
        """Return the name of a KEK that nobody else uses."""
        name = f"case-{uuid.uuid4().hex}"
        self.keks.append(name)
        return name

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> Answer:
        """Send a raw request."""
        return self.registry.ask(method, path, body, headers)

    def register(self, subject: str, value: object, **fields: Any) -> int:
        """Register a schema with Confluent's client and return its id."""
        return self.client.register_schema(subject, avro(value, **fields))

    def ask_id(self, subject: str, value: object) -> int:
        """Register a schema with a raw request and return its id; the registry must take it."""
        return self.registry.register(subject, value)

    def refusal(self, method: str, path: str, body: object = None, **headers: str) -> Refused:
        """Return how a raw request is refused; status 200 stands for an answer."""
        answer = self.ask(method, path, body, **headers)
        code = answer.body.get("error_code", -1) if isinstance(answer.body, dict) else -1
        return Refused(answer.status, code)

    def posted(self, subject: str, value: object, **fields: object) -> Refused:
        """Return how a raw registration is refused."""
        return self.refusal("POST", f"/subjects/{subject}/versions", {"schema": json.dumps(value), **fields})


Call: TypeAlias = Callable[[Talk], object]


class Case(NamedTuple):
    """A call and the answer of a registry that does as Confluent documents."""

    call: Call
    answer: object


CASES: Final[dict[str, Case]] = {}
"""All cases by the name of their function, which says what they show."""


def case(answer: object) -> Callable[[Call], Call]:
    """Collect a call with its answer."""

    def collect(call: Call) -> Call:
        assert call.__name__ not in CASES
        CASES[call.__name__] = Case(call, answer)
        return call

    return collect


def outcome(call: Callable[[], object]) -> object:
    """Return what a call returns, or how it is refused."""
    try:
        return call()
    except SchemaRegistryError as error:
        return Refused(error.http_status_code, error.error_code)


def avro(value: object, **fields: Any) -> Schema:
    """Return a schema for Confluent's client."""
    return Schema(json.dumps(value), "AVRO", **fields)


def record(*fields: Any, name: str = "R") -> dict[str, Any]:
    """Return a record schema; a field is a name (an int without default), or a whole field."""
    full = [{"name": each, "type": "int"} if isinstance(each, str) else each for each in fields]
    return {"type": "record", "name": name, "namespace": "test", "fields": full}


def unique() -> dict[str, Any]:
    """Return a record schema that no other case registers."""
    return record("a", name=f"R{uuid.uuid4().hex}")


def wider(schema: dict[str, Any], name: str = "b") -> dict[str, Any]:
    """Return the schema with a field more that any reader and writer can do without."""
    return {**schema, "fields": [*schema["fields"], {"name": name, "type": ["null", "int"], "default": None}]}


def breaking(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema with a field more that no older record has."""
    return {**schema, "fields": [*schema["fields"], {"name": "must", "type": "int"}]}
