"""Third check: can a consumer join a group and get partitions?"""

from __future__ import annotations

import time
from typing import Any, Final

from confluent_kafka import Consumer, KafkaError, TopicPartition

from hangarstack.broker.config import bootstrap_servers, consumer_config
from hangarstack.broker.failures import failure, is_unreachable, late, truest
from hangarstack.doctor.report import CODEC, COMPONENT, GROUP
from hangarstack.settings import Settings

_JOIN_S: Final = 8.0


def check_consumer(settings: Settings, *, topic: str = CODEC.topic) -> str:
    """Return which group was joined, and how fast; commits nothing; blocks at most some nine seconds.

    Args:
        settings: of the process.
        topic: whose partitions are asked for.

    Raises:
        HangarStackError: the group cannot be joined, or not in time.
    """
    reasons: list[KafkaError] = []
    assigned: list[list[TopicPartition]] = []
    config: dict[str, Any] = {
        **consumer_config(settings, GROUP, f"hangarstack-{COMPONENT}"),
        "error_cb": reasons.append,
        "log_level": 0,
    }
    consumer = Consumer(config)
    began = time.monotonic()
    try:
        consumer.subscribe([topic], on_assign=lambda _consumer, partitions: assigned.append(partitions))
        while not assigned:
            message = consumer.poll(0.1)
            error = message.error() if message is not None else None
            if error is None and time.monotonic() > began + _JOIN_S:
                error = truest(late(), reasons)
            if error is not None and not (is_unreachable(error) and time.monotonic() < began + _JOIN_S):
                raise failure(error, f"cannot join the group {GROUP}", where=bootstrap_servers(settings))
    finally:
        consumer.close()
    took_s = time.monotonic() - began
    count = len(assigned[0])
    return f"joined {GROUP} in {took_s:.1f} s, {count} {'partition' if count == 1 else 'partitions'} of {topic}"
