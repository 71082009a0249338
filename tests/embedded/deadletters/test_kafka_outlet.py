from __future__ import annotations

from uuid import uuid4

from confluent_kafka import Message, Producer

from hangarstack.broker.admin import Admin
from hangarstack.broker.config import producer_config
from hangarstack.deadletters.kafka_outlet import KafkaOutlet
from hangarstack.deadletters.kafka_source import KafkaLetterSource
from hangarstack.deadletters.ports import Outgoing
from hangarstack.settings import Settings

KEYS = [b"aircraft-%d" % number for number in range(20)]


def test_a_replayed_record_goes_to_the_partition_that_its_key_had_when_it_was_produced(
    memory_settings: Settings,
) -> None:
    topic = f"things-{uuid4().hex}.dlq"
    Admin(memory_settings).metadata(topic)
    placed: list[tuple[bytes | None, int | None]] = []

    def told(_error: object, message: Message) -> None:
        placed.append((message.key(), message.partition()))

    producer = Producer(producer_config(memory_settings, "test"))
    for key in KEYS:
        producer.produce(topic, key=key, on_delivery=told)
    producer.flush(10)
    records = [Outgoing(topic=topic, key=key, value=b"replayed", headers=()) for key in KEYS]
    assert KafkaOutlet(memory_settings).send(records) == [None] * len(KEYS)

    with KafkaLetterSource(memory_settings) as source:
        letters = [letter for log in source.logs([topic]) for letter in source.read(log, log.first) if letter]
    replayed = {(letter.key, letter.id.partition) for letter in letters if letter.value == b"replayed"}
    assert replayed == set(placed)
    assert len({partition for _, partition in placed}) > 1
