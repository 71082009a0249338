from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from hangarstack.broker.specs import TopicSpec
from hangarstack.broker.topics import ensure
from hangarstack.settings import Settings
from tests.support.consumer_runs import Feed
from tests.support.consumers import open_counts
from tests.support.kafka import Kafka

PARTITIONS = 4


@pytest.fixture
def settings(kafka_settings: Settings) -> Settings:
    return kafka_settings


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
