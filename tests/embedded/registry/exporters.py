"""Exporters as their tests make and watch them."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import Callable
from typing import Any

from tests.support.registry import Answer, Registry

_DEADLINE_S = 20.0


def definition(destination: str, *, name: str = "e", config: dict[str, Any] | None = None, **fields: Any) -> Any:
    """Return the body that makes an exporter to a URL: an exact copy of all contexts unless fields say otherwise."""
    exact = {"contextType": "NONE", "subjects": [":*:"]}
    return {"name": name, **exact, **fields, "config": {"schema.registry.url": destination, **(config or {})}}


def export(source: Registry, destination: Registry, **fields: Any) -> str:
    """Make an exporter and return its name; the registry must take it."""
    body = definition(destination.url, **fields)
    answer = source.ask("POST", "/exporters", body)
    assert (answer.status, answer.body) == (200, {"name": body["name"]})
    return str(body["name"])


def status(source: Registry, name: str = "e") -> dict[str, Any]:
    """Return the status of an exporter."""
    answer = source.ask("GET", f"/exporters/{name}/status")
    assert answer.status == 200, answer
    found: dict[str, Any] = answer.body
    return found


def told(source: Registry, what: str, name: str = "e") -> Answer:
    """Tell an exporter to pause, resume or begin anew."""
    return source.ask("PUT", f"/exporters/{name}/{what}")


def code(answer: Answer) -> tuple[int, int]:
    """Return how a request was refused."""
    return answer.status, answer.body["error_code"]


def everything(registry: Registry) -> list[dict[str, Any]]:
    """Return all versions of all contexts, soft-deleted ones too, without when they were registered."""
    found = registry.ask("GET", "/schemas?subjectPrefix=:*:&deleted=true").body
    return [{key: value for key, value in each.items() if key != "ts"} for each in found]


def readable(registry: Registry) -> list[dict[str, Any]]:
    """Return all versions but those softly deleted ones that refer to what is deleted for good."""
    found = everything(registry)
    there = {(each["subject"], each["version"]) for each in found}
    references = [[(one["subject"], one["version"]) for one in each.get("references", [])] for each in found]
    return [each for each, needed in zip(found, references, strict=True) if there.issuperset(needed)]


def eventually(is_so: Callable[[], bool], found: Callable[[], object] = lambda: "it did not come to be") -> None:
    """Wait until something is so; ``found`` tells what is so when it does not come to be."""
    deadline = time.monotonic() + _DEADLINE_S
    while not is_so():
        assert time.monotonic() < deadline, found()
        time.sleep(0.02)


def caught_up(source: Registry, name: str = "e") -> None:
    """Wait until an exporter has done all that there is to do."""

    def is_at_rest() -> bool:
        found = status(source, name)
        return (found["state"], found["offset"], found["trace"]) == ("RUNNING", last_change(source), "")

    eventually(is_at_rest, lambda: (status(source, name), last_change(source)))


def last_change(source: Registry) -> int:
    """Return the number of the last change of a registry, from its file: no answer tells it."""
    path = source.settings.home / "registry" / "registry.sqlite3"
    with contextlib.closing(sqlite3.connect(path)) as db:
        return int(db.execute("SELECT coalesce(max(seq), 0) FROM changes").fetchone()[0])
