from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from confluent_kafka import Producer

from hangarstack.broker.config import client_config
from hangarstack.deadletters.kafka_source import KafkaLetterSource
from hangarstack.settings import Settings
from tests.support.consumer_runs import Feed, Skipping
from tests.support.kafka import Kafka


def read(settings: Settings, topic: str, wrapped: Callable[[Any], Any] = lambda client: client) -> list[int]:
    with KafkaLetterSource(settings) as source:
        (log,) = source.logs([topic])
        source._consumer = wrapped(source._consumer)
        return [letter.id.offset for letter in source.read(log, log.first) if letter is not None]


@pytest.mark.parametrize("lost", [3, 19])
def test_letters_that_the_client_skips_are_read_all_the_same(kafka: Kafka, kafka_settings: Settings, lost: int) -> None:
    topic = kafka.topic()
    Feed(kafka_settings).send(topic, *(b"%d" % number for number in range(20)))
    assert read(kafka_settings, topic, lambda client: Skipping(client, lost)) == list(range(20))


def test_marks_of_transactions_between_letters_and_at_their_end_are_passed_over(
    kafka: Kafka, kafka_settings: Settings
) -> None:
    topic = kafka.topic()
    producer = Producer({**client_config(kafka_settings), "transactional.id": topic})
    producer.init_transactions(10)
    for number in range(4):
        producer.begin_transaction()
        producer.produce(topic, b"%d" % number)
        producer.commit_transaction(10)
    assert read(kafka_settings, topic) == [0, 2, 4, 6]
