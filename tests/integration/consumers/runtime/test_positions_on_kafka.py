from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewPartitions, NewTopic
from sqlalchemy import Engine

from hangarstack.broker.config import client_config
from hangarstack.settings import Settings
from tests.support.consumer_runs import Feed, Running, group_name, wait_until
from tests.support.consumers import CountingService, Thing, ThingDecoder, counts, totals


@pytest.fixture
def service(topic: str) -> CountingService:
    return CountingService(topic, name=group_name())


@pytest.fixture
def member(settings: Settings, service: CountingService, engine: Engine) -> Running:
    return Running(settings, service, ThingDecoder(), engine)


@pytest.fixture
def admin(settings: Settings) -> AdminClient:
    return AdminClient(client_config(settings))


@pytest.fixture
def group(settings: Settings, service: CountingService) -> Iterator[Consumer]:
    """A client that asks for the group's offsets, as lag tools do."""
    client = Consumer({**client_config(settings), "group.id": f"hangarstack.{service.name}"})
    yield client
    client.close()


def things(name: str, count: int) -> list[bytes]:
    return [Thing(name=name).encode() for _ in range(count)]


def test_the_database_is_believed_and_kafka_is_told(
    settings: Settings,
    topic: str,
    service: CountingService,
    engine: Engine,
    member: Running,
    feed: Feed,
    group: Consumer,
) -> None:
    feed.send(topic, *things("a", 10), partition=0)
    with member:
        wait_until(lambda: totals(engine) == (10, 0), "the first ones")
    committed = group.committed([TopicPartition(topic, 0)], timeout=10)
    assert [place.offset for place in committed] == [10]
    # Somebody resets the group's offsets with a tool.
    group.commit(offsets=[TopicPartition(topic, 0, 0)], asynchronous=False)
    with Running(settings, service, ThingDecoder(), engine) as again:
        feed.send(topic, *things("b", 5), partition=0)
        wait_until(lambda: totals(engine) == (15, 0), "the next ones")
        assert again.metric("duplicates_total") == 0
    assert counts(engine) == {"a": 10, "b": 5}


def test_records_that_were_deleted_before_they_were_read_are_counted_as_lost(
    settings: Settings,
    topic: str,
    service: CountingService,
    engine: Engine,
    member: Running,
    feed: Feed,
    admin: AdminClient,
    caplog: pytest.LogCaptureFixture,
) -> None:
    feed.send(topic, *things("a", 5), partition=2)
    with member:
        wait_until(lambda: totals(engine) == (5, 0), "the first ones")
    feed.send(topic, *things("deleted", 7), *things("kept", 3), partition=2)
    for answer in admin.delete_records([TopicPartition(topic, 2, 12)]).values():
        answer.result(10)
    with Running(settings, service, ThingDecoder(), engine) as again:
        wait_until(lambda: counts(engine) == {"a": 5, "kept": 3}, "what is left")
        wait_until(lambda: again.metric("lost_records_total", topic=topic) == 7, "the loss is noticed")
    assert "deleted before they were read" in caplog.text


def test_the_marks_that_transactions_leave_in_the_log_are_not_taken_for_skipped_records(
    settings: Settings, topic: str, engine: Engine, member: Running
) -> None:
    producer = Producer({**client_config(settings), "transactional.id": topic})
    producer.init_transactions(10)
    with member:
        for number in range(40):
            producer.begin_transaction()
            for _ in range(5):
                producer.produce(topic, Thing(name="kept" if number % 4 else "aborted").encode(), partition=1)
            if number % 4:
                producer.commit_transaction(10)
            else:
                producer.abort_transaction(10)
        wait_until(lambda: totals(engine) == (150, 0), "all that is committed")
        assert counts(engine) == {"kept": 150}
        assert member.metric("looked_again_total", topic=topic) > 0
        assert member.metric("skipped_records_total", topic=topic) == 0


def make_anew(admin: AdminClient, topic: str, partitions: int, *, after_s: float) -> None:
    admin.delete_topics([topic])[topic].result(10)
    time.sleep(after_s)

    def made() -> bool:
        # The broker deletes in the background.
        return admin.create_topics([NewTopic(topic, partitions, 1)])[topic].exception(10) is None

    wait_until(made, "the topic is there again")


@pytest.mark.parametrize(("partitions", "after_s"), [(4, 0.0), (6, 0.0), (2, 12.0)])
def test_a_topic_that_is_made_anew_under_a_running_member_is_read_from_its_beginning(
    topic: str, engine: Engine, member: Running, feed: Feed, admin: AdminClient, partitions: int, after_s: float
) -> None:
    feed.send(topic, *things("old", 40))
    with member:
        wait_until(lambda: totals(engine) == (40, 0), "the old ones")
        make_anew(admin, topic, partitions, after_s=after_s)
        # More than there were, so that each old position is one of the new topic as well.
        feed.send(topic, *things("new", 200))
        member.clock.skipped += 120
        wait_until(lambda: counts(engine) == {"old": 40, "new": 200}, "the new ones")


def test_partitions_that_are_added_under_a_running_member_are_read_from_their_beginning(
    settings: Settings, topic: str, engine: Engine, member: Running, feed: Feed, admin: AdminClient
) -> None:
    feed.send(topic, *things("old", 40))
    with member:
        wait_until(lambda: totals(engine) == (40, 0), "the old ones")
        admin.create_partitions([NewPartitions(topic, 8)])[topic].result(10)
        knows = Feed(settings)
        for partition in range(8):
            knows.send(topic, *things("new", 5), partition=partition)
        wait_until(lambda: counts(engine) == {"old": 40, "new": 40}, "those of the added partitions too")
