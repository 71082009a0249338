from __future__ import annotations

import time

import pytest
from confluent_kafka import Consumer, Message, Producer

from hangarstack.broker.config import consumer_config, producer_config
from hangarstack.broker.embedded.memory import MemoryBroker
from hangarstack.broker.specs import TopicSpec
from hangarstack.broker.topics import Plan, ensure
from hangarstack.settings import Settings

_SPEC = TopicSpec(name="memory.topic", partitions=3, replication_factor=1, configs={})


def test_what_is_produced_to_the_memory_broker_comes_out_of_it_at_once(memory_settings: Settings) -> None:
    assert ensure(memory_settings, [_SPEC]) == Plan()
    consumer = Consumer(consumer_config(memory_settings, "group", "test"))
    consumer.subscribe([_SPEC.name])
    producer = Producer(producer_config(memory_settings, "test"))
    try:
        _exchange(producer, consumer, b"first")
        began = time.monotonic()
        _exchange(producer, consumer, b"second")
        assert time.monotonic() - began < 1
    finally:
        consumer.close()


def test_topics_of_the_memory_broker_are_there_once_asked_for(memory_settings: Settings) -> None:
    ensure(memory_settings, [_SPEC])
    topics = Producer(producer_config(memory_settings, "test")).list_topics(timeout=5).topics
    assert list(topics) == [_SPEC.name]


def test_two_memory_brokers_share_nothing(memory_settings: Settings) -> None:
    ensure(memory_settings, [_SPEC])
    with MemoryBroker() as other:
        topics = Producer({"bootstrap.servers": other.bootstrap_servers}).list_topics(timeout=5).topics
    assert topics == {}


def _exchange(producer: Producer, consumer: Consumer, value: bytes) -> None:
    producer.produce(_SPEC.name, value, b"key")
    assert producer.flush(10) == 0
    received = _next(consumer)
    assert received.value() == value


def _next(consumer: Consumer) -> Message:
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        message = consumer.poll(0.1)
        if message is not None and message.error() is None:
            return message
    pytest.fail("nothing came")
