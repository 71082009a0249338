from __future__ import annotations

from dataclasses import replace

import pytest

from hangarstack.broker.specs import TopicSpec
from hangarstack.broker.topics import ensure
from hangarstack.settings import Settings
from tests.support.kafka import Kafka
from tests.support.runtime_suite import PARTITIONS, RuntimeSuite


class TestOnKafka(RuntimeSuite):
    @pytest.fixture
    def settings(self, kafka_settings: Settings, session_ms: int) -> Settings:
        return replace(kafka_settings, session_timeout_ms=session_ms)

    @pytest.fixture
    def topic(self, kafka: Kafka, settings: Settings) -> str:
        name = kafka.topic(partitions=PARTITIONS)
        ensure(settings, [TopicSpec(name=f"{name}.dlq", partitions=1, replication_factor=1, configs={})])
        return name


class TestOnKafkaWithTheConsumerProtocol(TestOnKafka):
    @pytest.fixture
    def settings(self, kafka_settings: Settings) -> Settings:
        return replace(kafka_settings, group_protocol="consumer")
