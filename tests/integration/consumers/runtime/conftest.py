from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from confluent_kafka.admin import (  # type: ignore[attr-defined]  # exported without saying so
    AdminClient,
    ConfigResource,
    ResourceType,
)
from sqlalchemy import Engine

from hangarstack.broker.specs import TopicSpec
from hangarstack.broker.topics import ensure
from hangarstack.settings import Settings
from tests.support.consumer_runs import Feed
from tests.support.consumers import open_counts
from tests.support.kafka import Kafka

PARTITIONS = 4


@pytest.fixture(scope="session")
def session_ms(kafka: Kafka) -> int:
    """The shortest session that the broker allows, but two seconds: so long a test waits for a dead member."""
    client = AdminClient({"bootstrap.servers": kafka.bootstrap_servers})
    broker = ConfigResource(ResourceType.BROKER, str(next(iter(client.list_topics(timeout=10).brokers))))
    configs = client.describe_configs([broker])[broker].result(10)
    return max(2000, int(configs["group.min.session.timeout.ms"].value))


@pytest.fixture
def settings(kafka_settings: Settings, session_ms: int) -> Settings:
    return replace(kafka_settings, session_timeout_ms=session_ms)


@pytest.fixture
def topic(kafka: Kafka, settings: Settings) -> str:
    """A fresh topic with its dead letters."""
    name = kafka.topic(partitions=PARTITIONS)
    ensure(settings, [TopicSpec(name=f"{name}.dlq", partitions=1, replication_factor=1, configs={})])
    return name


@pytest.fixture
def engine(settings: Settings) -> Iterator[Engine]:
    engine = open_counts(settings)
    yield engine
    engine.dispose()


@pytest.fixture
def feed(settings: Settings) -> Feed:
    return Feed(settings)
