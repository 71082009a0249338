"""Plain clients, configured as the platform's are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from confluent_kafka import Consumer, Producer

from hangarstack.broker.config import consumer_config, producer_config
from hangarstack.broker.embedded.kafka import EmbeddedKafka
from hangarstack.broker.specs import TopicSpec
from hangarstack.settings import Settings
from tests.support.kafka import fresh_name


def settings_of(kafka: EmbeddedKafka) -> Settings:
    """Return settings that lead to an embedded Kafka."""
    return replace(Settings(), bootstrap_servers=kafka.bootstrap_servers)


def spec(name: str, partitions: int = 1, **configs: str) -> TopicSpec:
    """Return a topic's specification; ``retention_ms="1"`` is ``retention.ms``."""
    named = {key.replace("_", "."): value for key, value in configs.items()}
    return TopicSpec(name=name, partitions=partitions, replication_factor=1, configs=named)


def produce(settings: Settings, topic: str, values: Sequence[bytes]) -> None:
    """Produce and wait until all are acknowledged."""
    producer = Producer(producer_config(settings, "test"))
    for value in values:
        producer.produce(topic, value, value)
    assert producer.flush(20) == 0


def consume(settings: Settings, topic: str, count: int) -> list[bytes]:
    """Read a topic from its beginning as a group of one, until so many records have come; return their values."""
    consumer = Consumer(consumer_config(settings, fresh_name("group"), "test"))
    consumer.subscribe([topic])
    values: list[bytes] = []
    try:
        while len(values) < count:
            messages = consumer.consume(count - len(values), timeout=15)
            assert messages, f"only {len(values)} of {count} records came"
            for message in messages:
                assert message.error() is None, message.error()
                value = message.value()
                assert isinstance(value, bytes)
                values.append(value)
    finally:
        consumer.close()
    return values
