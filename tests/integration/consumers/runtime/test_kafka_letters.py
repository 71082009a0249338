from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace

import pytest
from confluent_kafka import Producer
from sqlalchemy import Engine

from hangarstack.broker.config import client_config
from hangarstack.broker.specs import TopicSpec
from hangarstack.broker.topics import ensure
from hangarstack.consumers.runtime.kafka_letters import KafkaDeadLetters
from hangarstack.consumers.runtime.letter import DeadLetter, dead_letter
from hangarstack.errors import BrokerError
from hangarstack.settings import Settings
from tests.support.consumer_fakes import FakeRecord
from tests.support.consumer_runs import Feed, Running, group_name, read_all, wait_until
from tests.support.consumers import CountingService, Thing, ThingDecoder, counts, handled, totals
from tests.support.kafka import Kafka

LARGE = 20_000_000


@pytest.fixture
def sink(settings: Settings) -> Iterator[KafkaDeadLetters]:
    sink = KafkaDeadLetters(settings, "hangarstack.counting")
    yield sink
    sink.close()


def letter(topic: str, offset: int, value: bytes, **headers: bytes) -> DeadLetter:
    record = FakeRecord(
        topic_=topic, partition_=0, offset_=offset, value_=value, headers_=list(headers.items()) or None
    )
    return dead_letter(record, ValueError("indigestible"), attempts=1, first_seen=0.0)


def test_every_letter_is_acknowledged_and_can_be_read_when_send_returns(
    sink: KafkaDeadLetters, settings: Settings, topic: str
) -> None:
    acknowledged: list[DeadLetter] = []
    letters = [letter(topic, offset, b"%d" % offset) for offset in range(300)]
    sink.send(letters, acknowledged.append)
    assert acknowledged == letters
    assert [message.value() for message in read_all(settings, f"{topic}.dlq", 1, 300)] == [
        b"%d" % offset for offset in range(300)
    ]


def test_letters_that_no_broker_acknowledges_are_an_outage_and_none_is_taken_for_written(
    settings: Settings, topic: str
) -> None:
    acknowledged: list[DeadLetter] = []
    sink = KafkaDeadLetters(replace(settings, bootstrap_servers="127.0.0.1:1"), "hangarstack.counting")
    with pytest.raises(BrokerError, match="a dead letter cannot be written"):
        sink.send([letter(topic, 0, b"value")], acknowledged.append)
    assert acknowledged == []


def test_a_record_that_only_compression_made_small_enough_is_kept_whole(
    sink: KafkaDeadLetters, settings: Settings, topic: str
) -> None:
    sink.send([letter(topic, 0, b"a" * LARGE)], lambda _letter: None)
    (message,) = read_all(settings, f"{topic}.dlq", 1, 1)
    assert message.value() == b"a" * LARGE


def test_a_record_that_its_topic_of_dead_letters_does_not_take_is_left_out_of_its_letter(
    sink: KafkaDeadLetters, settings: Settings, topic: str
) -> None:
    noise = os.urandom(1_500_000)
    acknowledged: list[DeadLetter] = []
    letters = [letter(topic, 0, b"small"), letter(topic, 1, noise, own=b"header"), letter(topic, 2, b"small too")]
    sink.send(letters, acknowledged.append)
    assert {one.offset for one in acknowledged} == {0, 1, 2}
    assert len(acknowledged) == 3
    found = {dict(one.headers())["dlq_offset"]: one for one in read_all(settings, f"{topic}.dlq", 1, 3)}
    assert found[b"0"].value() == b"small"
    assert found[b"2"].value() == b"small too"
    stub = dict(found[b"1"].headers())
    assert (found[b"1"].value(), found[b"1"].key()) == (None, None)
    assert stub["dlq_left_out_bytes"] == b"1500000"
    assert stub["dlq_error_class"] == b"ValueError"
    assert "own" not in stub


def test_a_partition_goes_on_behind_records_that_are_larger_than_any_letter(
    kafka: Kafka, settings: Settings, engine: Engine, feed: Feed
) -> None:
    topic = kafka.topic(partitions=1, max_message_bytes="4000000")
    ensure(settings, [TopicSpec(name=f"{topic}.dlq", partitions=1, replication_factor=1, configs={})])
    producer = Producer({**client_config(settings), "message.max.bytes": 2 * LARGE, "compression.type": "lz4"})
    for value in (b"a" * LARGE, os.urandom(3_000_000)):
        producer.produce(topic, value)
    assert producer.flush(20) == 0
    feed.send(topic, Thing(name="after").encode())
    with Running(settings, CountingService(topic, name=group_name()), ThingDecoder(), engine):
        wait_until(lambda: handled(engine) == 3, "counted")
    assert counts(engine) == {"after": 1}
    assert totals(engine) == (1, 2)
    sizes = [len(message.value() or b"") for message in read_all(settings, f"{topic}.dlq", 1, 2)]
    assert sorted(sizes) == [0, LARGE]
