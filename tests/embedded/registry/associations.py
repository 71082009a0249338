"""Requests of associations for the registry's tests."""

from __future__ import annotations

import json
from typing import Any

from tests.support.registry import Answer, Registry

NAMESPACE = "cluster-1"


def wanted(subject: str | None = None, **fields: Any) -> dict[str, Any]:
    """Return an association as a request asks for it; what is None is left out."""
    return {name: value for name, value in {"subject": subject, **fields}.items() if value is not None}


def schema(value: object) -> dict[str, Any]:
    """Return a schema as an association brings it."""
    return {"schema": json.dumps(value)}


def request(topic: str, *associations: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """Return a request for a topic whose id is made of its name."""
    resource = {"resourceName": topic, "resourceNamespace": NAMESPACE, "resourceId": f"id-of-{topic}"}
    return {**resource, "associations": list(associations), **fields}


def create(registry: Registry, topic: str, *associations: dict[str, Any], query: str = "", **fields: Any) -> Answer:
    """Ask for new associations of a topic."""
    return registry.ask("POST", f"/associations{query}", request(topic, *associations, **fields))


def put(registry: Registry, topic: str, *associations: dict[str, Any], query: str = "", **fields: Any) -> Answer:
    """Ask for associations of a topic, new or not."""
    return registry.ask("PUT", f"/associations/resources/id-of-{topic}{query}", request(topic, *associations, **fields))


def delete(registry: Registry, topic: str, query: str = "") -> Answer:
    """End the associations of a topic."""
    return registry.ask("DELETE", f"/associations/resources/id-of-{topic}{query}")


def held(registry: Registry, topic: str, *names: str) -> list[Any]:
    """Return those properties of each association of a topic."""
    found = registry.ask("GET", f"/associations/resources/id-of-{topic}").body
    return [tuple(each.get(name) for name in names) for each in found]


def code(answer: Answer) -> tuple[int, int]:
    """Return how a request was refused."""
    return answer.status, answer.body["error_code"]
