from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from confluent_kafka import Producer
from sqlalchemy import Engine

from hangarstack.broker.config import client_config
from hangarstack.broker.embedded.kafka import EmbeddedKafka
from hangarstack.broker.specs import TopicSpec
from hangarstack.broker.topics import ensure
from hangarstack.consumers.runtime.kafka_letters import KafkaDeadLetters
from hangarstack.consumers.runtime.letter import DeadLetter, dead_letter
from hangarstack.errors import BrokerError
from hangarstack.settings import Settings
from tests.support.consumer_fakes import FakeRecord
from tests.support.consumer_runs import Feed, Running, group_name, read_all, wait_until
from tests.support.consumers import GARBAGE, CountingService, Thing, ThingDecoder, counts, handled, totals
from tests.support.kafka import Kafka, fresh_name
from tests.support.kafka_proxy import KafkaProxy

LARGE = 20_000_000
FROZEN_S = 15
"""Longer than a client may be silent that has nothing under way."""


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
    # A busy broker, or one that has just been started, takes longer than a call waits: a service sends the rest again.
    wait_until(lambda: _sent(sink, letters, acknowledged), "all are acknowledged")
    assert sorted(one.offset for one in acknowledged) == [one.offset for one in letters]
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


def dead_letters_of(settings: Settings, topic: str) -> None:
    ensure(settings, [TopicSpec(name=f"{topic}.dlq", partitions=1, replication_factor=1, configs={})])


def refusal_s(sink: KafkaDeadLetters, one: DeadLetter) -> float:
    """Return for how long the sink blocked before it refused the letter."""
    started = time.monotonic()
    with pytest.raises(BrokerError, match="a dead letter cannot be written"):
        sink.send([one], lambda _letter: None)
    return time.monotonic() - started


def test_letters_are_written_as_soon_as_their_missing_topic_is_made(
    kafka: Kafka, sink: KafkaDeadLetters, settings: Settings
) -> None:
    topic = kafka.topic(partitions=1)
    one = letter(topic, 0, b"value")
    assert max(refusal_s(sink, one) for _ in range(3)) < 2
    dead_letters_of(settings, topic)
    acknowledged: list[DeadLetter] = []
    wait_until(lambda: _sent(sink, [one], acknowledged), "written", 5)
    assert [message.value() for message in read_all(settings, f"{topic}.dlq", 1, 1)] == [b"value"]


def test_a_client_that_was_told_of_an_error_gives_way_to_another_one(kafka: Kafka, sink: KafkaDeadLetters) -> None:
    refusal_s(sink, letter(kafka.topic(partitions=1), 0, b"value"))
    assert sink._producer is None


def test_a_missing_topic_of_dead_letters_keeps_letters_of_no_other_topic_waiting(
    kafka: Kafka, sink: KafkaDeadLetters, topic: str
) -> None:
    acknowledged: list[DeadLetter] = []
    missing = kafka.topic(partitions=1)
    with pytest.raises(BrokerError, match=rf"{missing}\.dlq"):
        sink.send([letter(missing, 0, b"a"), letter(topic, 0, b"b")], acknowledged.append)
    assert [one.topic for one in acknowledged] == [topic]


def test_a_topic_of_dead_letters_that_may_not_be_written_is_told_at_once(secured_settings: Settings) -> None:
    topic = fresh_name("secured")
    ensure(
        secured_settings,
        [TopicSpec(name=name, partitions=1, replication_factor=1, configs={}) for name in (topic, f"{topic}.dlq")],
    )
    sink = KafkaDeadLetters(replace(secured_settings, sasl_username="nobody"), "hangarstack.counting")
    assert max(refusal_s(sink, letter(topic, 0, b"value")) for _ in range(3)) < 2
    sink.close()


def test_no_letter_blocks_for_long_while_the_broker_is_gone_and_each_is_written_once_when_it_is_back(
    own_kafka: EmbeddedKafka, tmp_path: Path
) -> None:
    settings = Settings(home=tmp_path, bootstrap_servers=own_kafka.bootstrap_servers)
    dead_letters_of(settings, "own")
    sink = KafkaDeadLetters(settings, "hangarstack.counting")
    wait_until(lambda: _sent(sink, [letter("own", 0, b"0")], []), "the broker is warm")
    own_kafka.kill()
    late = letter("own", 1, b"1")
    client = sink._producer
    assert max(refusal_s(sink, late) for _ in range(3)) < 2
    assert sink._producer is client
    assert max(refusal_s(sink, late) for _ in range(6)) < 2
    assert sink._producer is not client
    own_kafka.start()
    acknowledged: list[DeadLetter] = []
    wait_until(lambda: _sent(sink, [late], acknowledged), "written", 20)
    assert [message.value() for message in read_all(settings, "own.dlq", 1, 2)] == [b"0", b"1"]
    sink.close()


def test_a_letter_on_its_way_to_a_broker_that_is_frozen_for_long_is_not_written_twice(
    own_kafka: EmbeddedKafka, tmp_path: Path
) -> None:
    settings = Settings(home=tmp_path, bootstrap_servers=own_kafka.bootstrap_servers)
    dead_letters_of(settings, "own")
    sink = KafkaDeadLetters(settings, "hangarstack.counting")
    wait_until(lambda: _sent(sink, [letter("own", 0, b"0")], []), "the broker is warm")
    late = letter("own", 1, b"1")
    assert own_kafka.pid is not None
    os.kill(own_kafka.pid, signal.SIGSTOP)
    frozen_until = time.monotonic() + FROZEN_S
    try:
        while time.monotonic() < frozen_until:
            assert refusal_s(sink, late) < 2
    finally:
        os.kill(own_kafka.pid, signal.SIGCONT)
    acknowledged: list[DeadLetter] = []
    wait_until(lambda: _sent(sink, [late], acknowledged), "written", 20)
    assert acknowledged == [late]
    assert [message.value() for message in read_all(settings, "own.dlq", 1, 2)] == [b"0", b"1"]
    sink.close()


def test_a_letter_that_was_stored_before_its_connection_was_lost_is_not_written_twice(
    kafka: Kafka, settings: Settings, topic: str
) -> None:
    acknowledged: list[DeadLetter] = []
    with KafkaProxy(kafka.bootstrap_servers) as proxy:
        sink = KafkaDeadLetters(replace(settings, bootstrap_servers=proxy.bootstrap_servers), "hangarstack.counting")
        wait_until(lambda: _sent(sink, [letter(topic, 0, b"0")], []), "the broker is warm")
        proxy.answers = False
        late, other = letter(topic, 1, b"1"), letter(topic, 2, b"2")
        refusal_s(sink, late)
        proxy.cut()
        for one in (late, other, late):
            refusal_s(sink, one)
        proxy.answers = True
        proxy.cut()
        for one in (late, other):
            wait_until(lambda: _sent(sink, [one], acknowledged), "written", 20)  # noqa: B023 - called at once
        sink.close()
    assert acknowledged == [late, other]
    found = [message.value() for message in read_all(settings, f"{topic}.dlq", 1, 3)]
    assert found == [b"0", b"1", b"2"]


def test_a_client_lets_go_at_once_though_a_letter_is_on_its_way(kafka: Kafka, settings: Settings, topic: str) -> None:
    with KafkaProxy(kafka.bootstrap_servers) as proxy:
        sink = KafkaDeadLetters(replace(settings, bootstrap_servers=proxy.bootstrap_servers), "hangarstack.counting")
        wait_until(lambda: _sent(sink, [letter(topic, 0, b"0")], []), "the broker is warm")
        proxy.answers = False
        refusal_s(sink, letter(topic, 1, b"1"))
        started = time.monotonic()
        sink.close()
        assert time.monotonic() - started < 2


def test_a_missing_topic_of_dead_letters_stops_its_partition_and_no_other_one(
    kafka: Kafka, settings: Settings, engine: Engine, feed: Feed
) -> None:
    topic = kafka.topic(partitions=3)
    feed.send(topic, Thing(name="before").encode(), GARBAGE, Thing(name="behind").encode(), partition=0)
    with Running(settings, CountingService(topic, name=group_name()), ThingDecoder(), engine) as running:
        wait_until(lambda: handled(engine) == 1, "what comes before it is counted")
        for number in range(1, 31):
            for partition in (1, 2):
                feed.send(topic, *(Thing(name="other").encode() for _ in range(10)), partition=partition)
            wait_until(lambda: handled(engine) == 1 + 20 * number, "others are counted at once", 2.5)  # noqa: B023 - called at once
            time.sleep(0.3)
        assert not running.runtime.ready()[0]
        dead_letters_of(settings, topic)
        wait_until(lambda: handled(engine) == 603, "it goes on")
    assert counts(engine) == {"before": 1, "behind": 1, "other": 600}
    assert len(read_all(settings, f"{topic}.dlq", 1, 1)) == 1


def _sent(sink: KafkaDeadLetters, letters: Sequence[DeadLetter], acknowledged: list[DeadLetter]) -> bool:
    try:
        sink.send([one for one in letters if one not in acknowledged], acknowledged.append)
    except BrokerError:
        return False
    return True
