"""Reading a topic from its beginning, without a group."""

from __future__ import annotations

import time
from collections.abc import Callable

from confluent_kafka import Consumer, Message, TopicPartition


def read(
    bootstrap_servers: str, topic: str, enough: Callable[[list[Message]], bool], timeout_s: float = 30.0
) -> list[Message]:
    """Return the topic's records, partition by partition in order, once ``enough`` says so; fails if it never does."""
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap_servers,
            "group.id": "unused",
            "enable.auto.commit": False,
            "fetch.wait.max.ms": 20,
            "fetch.queue.backoff.ms": 5,
        }
    )
    found: list[Message] = []
    deadline = time.monotonic() + timeout_s
    try:
        partitions = consumer.list_topics(topic, timeout=10).topics[topic].partitions
        consumer.assign([TopicPartition(topic, number, 0) for number in partitions])
        while not enough(found):
            assert time.monotonic() < deadline, f"only {len(found)} records came"
            for message in consumer.consume(5_000, 0.2):
                assert message.error() is None, message.error()
                found.append(message)
    finally:
        consumer.close()
    return found
