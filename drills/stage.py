"""Where a drill is played: a topic of its own, a registry that knows its schemas, an empty store."""

from __future__ import annotations

import http.client
import json
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import urlsplit

from sqlalchemy import Engine

from hangarstack.broker.specs import TopicSpec, dead_letter_topic
from hangarstack.broker.topics import ensure
from hangarstack.events import AIRCRAFT_VIEW
from hangarstack.events.runtime.codec import Codec
from hangarstack.settings import Settings
from hangarstack.store.engine import open_store
from hangarstack.store.migrations import migrate

OWNER: Final = "popularity"
PARTITIONS: Final = 6
Tell = Callable[[str, float], None]
"""Told what is being done, and what share of the drill is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What a drill is given.

    Args:
        settings: of every process in it.
        topic: of its own, with six partitions, and with dead letters beside it.
        seed: of its random choices.
        engine: the store of the service, for looking.
        tell: shows progress.
    """

    settings: Settings
    topic: str
    seed: int
    engine: Engine
    tell: Tell

    def codec(self, original: Codec[Any] = AIRCRAFT_VIEW) -> Codec[Any]:
        """Return a codec that writes to the stage's topic."""
        return on_topic(original, self.topic)

    def register(self, version: int) -> None:
        """Let the registry know a version of the schema."""
        register(self.settings.registry_url, f"{self.topic}-value", AIRCRAFT_VIEW.versions[version])


def on_topic(original: Codec[Any], topic: str) -> Codec[Any]:
    """Return a codec of the same event on another topic."""
    return replace(original, topic=topic, subject=f"{topic}-value")


@contextmanager
def stage(
    settings: Settings, *, seed: int, tell: Tell, replicas: int = 1, versions: int = AIRCRAFT_VIEW.version
) -> Iterator[Stage]:
    """Make a stage: topics, schemas, tables.

    Args:
        settings: lead to Kafka, a registry and a state directory of the drill's own.
        seed: of the drill's random choices.
        tell: shows progress.
        replicas: of each topic.
        versions: so many versions of the schema are registered.
    """
    topic = f"drill.{uuid.uuid4().hex[:12]}"
    configs = {} if replicas == 1 else {"min.insync.replicas": str(replicas - 1)}
    spec = TopicSpec(name=topic, partitions=PARTITIONS, replication_factor=replicas, configs=configs)
    ensure(settings, [spec, replace(spec, name=dead_letter_topic(topic), partitions=1)])
    migrate(settings, [OWNER])
    engine = open_store(settings, OWNER)
    made = Stage(settings=settings, topic=topic, seed=seed, engine=engine, tell=tell)
    for version in range(1, versions + 1):
        made.register(version)
    try:
        yield made
    finally:
        engine.dispose()


def register(url: str, subject: str, schema: str) -> int:
    """Register a schema and return its id."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=20)
    headers = {"Content-Type": "application/vnd.schemaregistry.v1+json"}
    try:
        connection.request("POST", f"/subjects/{subject}/versions", json.dumps({"schema": schema}), headers)
        answer: Mapping[str, Any] = json.loads(connection.getresponse().read())
    finally:
        connection.close()
    return int(answer["id"])


__all__ = ["OWNER", "PARTITIONS", "Stage", "Tell", "on_topic", "register", "stage"]
