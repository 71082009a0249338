from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Message
from confluent_kafka.admin import (  # type: ignore[attr-defined] # public by its documentation, not by its stubs
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    ResourcePatternType,
    ResourceType,
)
from confluent_kafka.schema_registry import Schema, SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer
from confluent_kafka.serialization import MessageField, SerializationContext

from hangarstack.broker.embedded.kafka import EmbeddedKafka
from hangarstack.broker.specs import TopicSpec
from hangarstack.broker.topics import ensure
from hangarstack.errors import BrokerError
from hangarstack.events import AIRCRAFT_VIEW, AircraftView, ViewSource
from hangarstack.events.runtime.ids import new_event_id, now
from hangarstack.producers.producer import EventProducer
from hangarstack.settings import Secret, Settings
from tests.embedded.producers.reading import read
from tests.support.kafka import Kafka, embedded_kafka, fresh_name
from tests.support.registry import Registry
from tests.support.requirements import missing
from tests.unit.producers.fakes import FakeIds, View, ViewCodec, number_in, until

_AUTHORIZER = {
    "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
    "allow.everyone.if.no.acl.found": "true",
}


@contextmanager
def producing(settings: Settings, topic: str) -> Iterator[EventProducer]:
    codec: Any = ViewCodec(topic)
    producer = EventProducer(settings, "web", codecs=[codec], ids=FakeIds())
    try:
        yield producer
    finally:
        producer.close(0)


def by_key(messages: list[Message]) -> dict[bytes, list[int]]:
    """Return the numbers of each key, in the order of its partition."""
    numbers: dict[bytes, list[int]] = {}
    for message in messages:
        numbers.setdefault(message.key() or b"", []).append(number_in(message.value() or b""))
    return numbers


@pytest.fixture(scope="module")
def mortal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedKafka]:
    """A Kafka with access rules, which tests may kill and must start again."""
    template = embedded_kafka(tmp_path_factory.mktemp("mortal"))
    port = int(template.bootstrap_servers.split(":")[1])
    settings = Settings(home=template.data.parent.parent, broker_port=port)
    node = EmbeddedKafka(settings, extra=_AUTHORIZER)
    try:
        node.start()
    except BrokerError as error:
        missing("kafka", str(error))
    yield node
    node.kill()


@pytest.fixture
def settings(mortal: EmbeddedKafka, tmp_path: Path) -> Settings:
    return Settings(home=tmp_path, bootstrap_servers=mortal.bootstrap_servers)


def new_topic(settings: Settings, partitions: int = 4) -> str:
    name = fresh_name("topic")
    ensure(settings, [TopicSpec(name=name, partitions=partitions, replication_factor=1, configs={})])
    return name


def test_events_of_an_outage_arrive_once_and_in_order_when_the_broker_is_back(
    mortal: EmbeddedKafka, settings: Settings
) -> None:
    topic = new_topic(settings)
    count = 70_000
    with producing(settings, topic) as producer:
        for number in range(1_000):
            producer.publish(View(f"key-{number % 50}", number))
        mortal.kill()
        for number in range(1_000, count):
            producer.publish(View(f"key-{number % 50}", number))
        # More than librdkafka's queue holds.
        assert producer.spooled > 60_000
        mortal.start()
        until(lambda: producer.spooled == 0, 30)
    found = by_key(read(mortal.bootstrap_servers, topic, lambda found: len(found) >= count))
    assert found == {b"key-%d" % key: list(range(key, count, 50)) for key in range(50)}


def test_a_topic_that_appears_late_gets_what_waited_for_it(mortal: EmbeddedKafka, settings: Settings) -> None:
    topic = fresh_name("topic")
    with producing(settings, topic) as producer:
        for number in range(10):
            producer.publish(View("f-16", number))
        until(lambda: producer.status()["problems"], 60)
        assert producer.spooled == 10
        ensure(settings, [TopicSpec(name=topic, partitions=1, replication_factor=1, configs={})])
        until(lambda: producer.spooled == 0, 20)
    found = by_key(read(mortal.bootstrap_servers, topic, lambda found: len(found) >= 10))
    assert found == {b"f-16": list(range(10))}


def test_what_access_rules_forbid_waits_until_they_allow_it(mortal: EmbeddedKafka, settings: Settings) -> None:
    topic, free = new_topic(settings), new_topic(settings)
    admin = AdminClient({"bootstrap.servers": mortal.bootstrap_servers})
    rule = (ResourceType.TOPIC, topic, ResourcePatternType.LITERAL, "User:*", "*", AclOperation.WRITE)
    [made] = admin.create_acls([AclBinding(*rule, AclPermissionType.DENY)]).values()
    made.result(10)
    with producing(settings, topic) as producer, producing(settings, free) as other:
        for number in range(10):
            producer.publish(View("f-16", number))
            other.publish(View("f-16", number))
        until(lambda: producer.status()["problems"] and other.spooled == 0)
        assert "uthoriz" in str(producer.status()["problems"])
        assert producer.spooled == 10
        [gone] = admin.delete_acls([AclBindingFilter(*rule, AclPermissionType.DENY)]).values()
        gone.result(10)
        until(lambda: producer.spooled == 0, 20)
    found = by_key(read(mortal.bootstrap_servers, topic, lambda found: len(found) >= 10))
    assert found == {b"f-16": list(range(10))}


def test_with_a_wrong_password_events_are_accepted_and_the_right_one_delivers_them(
    secured_settings: Settings, tmp_path: Path
) -> None:
    settings = replace(secured_settings, home=tmp_path)
    topic = new_topic(settings)
    with producing(replace(settings, sasl_password=Secret("hunter2")), topic) as producer:
        for number in range(10):
            producer.publish(View("f-16", number))
        until(lambda: ("_ALL_BROKERS_DOWN",) in [sample.labels for sample in producer.samples()])
        assert "uthenticat" in str(producer.status()["problems"])
        assert "hunter2" not in str(producer.status())
        assert producer.spooled == 10
    with producing(settings, topic) as heir:
        until(lambda: heir.spooled == 0, 20)


def test_an_event_larger_than_its_topic_takes_stays_spooled_and_stops_no_other(
    kafka: Kafka, kafka_settings: Settings
) -> None:
    topic = kafka.topic(max_message_bytes="2000")
    with producing(kafka_settings, topic) as producer:
        producer.publish(View("f-16", 1))
        until(lambda: producer.spooled == 0)
        producer.publish(View("f-16", 2, note=os.urandom(4_000).hex()))
        until(lambda: ("events_parked", ("View",), 1) in list(producer.samples()))
        producer.publish(View("f-16", 3))
        until(lambda: producer.spooled == 1)
    with producing(kafka_settings, topic) as heir:
        assert heir.spooled == 1
    found = by_key(read(kafka.bootstrap_servers, topic, lambda found: len(found) >= 2))
    assert found == {b"f-16": [1, 3]}


def test_of_a_batch_that_its_topic_does_not_take_only_the_event_too_large_for_itself_is_kept_apart(
    kafka: Kafka, kafka_settings: Settings
) -> None:
    # Even the small ones are too large together: librdkafka fills batches up to a limit of its own.
    topic = kafka.topic(max_message_bytes="4000")
    with producing(kafka_settings, topic) as producer:
        for number in range(300):
            producer.publish(View("f-16", number, note=os.urandom(4_000 if number == 150 else 200).hex()))
        until(lambda: producer.spooled == 1, 30)
        assert ("events_parked", ("View",), 1) in list(producer.samples())
    found = by_key(read(kafka.bootstrap_servers, topic, lambda found: len(found) >= 299))
    assert sorted(found[b"f-16"]) == [number for number in range(300) if number != 150]


def test_a_generated_event_is_read_by_confluents_deserializer(
    kafka: Kafka, kafka_settings: Settings, registry: Registry
) -> None:
    topic = kafka.topic()
    codec = replace(AIRCRAFT_VIEW, topic=topic, subject=f"{topic}-value")
    event = AircraftView(
        event_id=new_event_id(),
        occurred_at=now(),
        aircraft_id="f-16",
        session_id="session",
        source=ViewSource.SEARCH,
    )
    with SchemaRegistryClient({"url": registry.url}) as client:
        client.register_schema(codec.subject, Schema(codec.schema_text, "AVRO"))
        settings = replace(kafka_settings, registry_url=registry.url)
        producer = EventProducer(settings, "web", codecs=[codec])
        producer.publish(event)
        assert producer.close(10) == 0
        [message] = read(kafka.bootstrap_servers, topic, lambda found: len(found) >= 1)
        value = AvroDeserializer(client)(message.value(), SerializationContext(topic, MessageField.VALUE))
    assert isinstance(value, dict)
    assert (value["event_id"], value["aircraft_id"], value["source"]) == (event.event_id, "f-16", "SEARCH")
    assert dict(message.headers() or [])["ce_type"] == b"hangarstack.aircraft.AircraftView"
