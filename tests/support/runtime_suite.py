"""What the consumer runtime does on any broker; subclassed once for each kind of broker."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from hangarstack.settings import Settings
from tests.support.consumer_runs import Feed, Running, group_name, read_all, wait_until
from tests.support.consumers import (
    GARBAGE,
    POISON,
    UNASKED_SCHEMA,
    CountingService,
    Thing,
    ThingDecoder,
    counts,
    open_counts,
    totals,
)

PARTITIONS = 4
DLQ_HEADERS = {
    "dlq_topic",
    "dlq_partition",
    "dlq_offset",
    "dlq_timestamp_ms",
    "dlq_group",
    "dlq_error_class",
    "dlq_error_message",
    "dlq_error_stack",
    "dlq_attempts",
    "dlq_schema_id",
    "dlq_first_seen",
    "traceparent",
}


class RuntimeSuite:
    """Subclasses give ``settings`` and ``topic``, a fresh topic of four partitions with its ``.dlq``."""

    @pytest.fixture
    def engine(self, settings: Settings) -> Iterator[Engine]:
        engine = open_counts(settings)
        yield engine
        engine.dispose()

    @pytest.fixture
    def service(self, topic: str) -> CountingService:
        return CountingService(topic, name=group_name())

    @pytest.fixture
    def member(self, settings: Settings, service: CountingService, engine: Engine) -> Running:
        return Running(settings, service, ThingDecoder(), engine)

    @pytest.fixture
    def feed(self, settings: Settings) -> Feed:
        return Feed(settings)

    def test_counts_each_event_once_and_sets_apart_what_cannot_be_handled(
        self, settings: Settings, topic: str, service: CountingService, engine: Engine, member: Running, feed: Feed
    ) -> None:
        twice = Thing(name="twice").encode()
        feed.send(topic, *(Thing(name=name).encode() for name in "aab"), twice)
        feed.send(topic, GARBAGE, headers=[("traceparent", b"00-trace")], partition=1)
        with member:
            wait_until(lambda: totals(engine) == (4, 1), "what was there before")
            feed.send(topic, Thing(name=POISON).encode(), headers=[("traceparent", b"01-trace")], partition=2)
            feed.send(topic, *(Thing(name=name).encode() for name in "bc"), twice, partition=2)
            wait_until(lambda: totals(engine) == (6, 2), "what came later")
            assert counts(engine) == {"a": 2, "b": 2, "c": 1, "twice": 1}
            assert member.metric("duplicates_total") == 1
        letters = {dict(m.headers())["dlq_partition"]: m for m in read_all(settings, f"{topic}.dlq", 1, 2)}
        assert len(letters) == 2
        undecodable, poison = dict(letters[b"1"].headers()), dict(letters[b"2"].headers())
        assert undecodable.keys() == poison.keys() == DLQ_HEADERS
        assert undecodable["dlq_error_class"] == b"DecodeError"
        assert undecodable["dlq_attempts"] == b"1"
        assert undecodable["traceparent"] == b"00-trace"
        assert letters[b"1"].value() == GARBAGE
        assert poison["dlq_error_message"] == b"cannot digest poison"
        assert poison["dlq_error_stack"].endswith(b"ValueError: cannot digest poison\n")
        assert poison["dlq_group"] == f"hangarstack.{service.name}".encode()
        assert poison["dlq_topic"] == topic.encode()
        assert poison["dlq_attempts"] == b"4"

    def test_goes_on_after_outages_of_the_store_and_the_registry_with_nothing_lost(
        self, topic: str, service: CountingService, engine: Engine, settings: Settings, feed: Feed
    ) -> None:
        decoder = ThingDecoder()
        service.outages = 3
        feed.send(topic, *(Thing(name="a").encode() for _ in range(100)))
        feed.send(topic, UNASKED_SCHEMA, Thing(name="behind").encode(), partition=3)
        with Running(settings, service, decoder, engine) as member:
            wait_until(lambda: counts(engine).get("a") == 100, "the store is back")
            feed.send(topic, *(Thing(name="b").encode() for _ in range(10)), partition=0)
            wait_until(lambda: counts(engine) == {"a": 100, "b": 10}, "others go on while one partition waits")
            assert not member.runtime.ready()[0]
            decoder.registry_is_away = False
            wait_until(lambda: counts(engine) == {"a": 100, "b": 10, "late": 1, "behind": 1}, "the registry is back")
            wait_until(lambda: member.runtime.ready()[0], "ready again")
        assert totals(engine) == (112, 0)

    def test_members_come_and_go_without_a_gap_or_a_double(
        self, settings: Settings, topic: str, service: CountingService, engine: Engine, member: Running, feed: Feed
    ) -> None:
        with member:
            feed.send(topic, *(Thing(name="a").encode() for _ in range(200)))
            wait_until(lambda: counts(engine).get("a", 0) > 0, "the first one counts")
            with Running(settings, CountingService(topic, name=service.name), ThingDecoder(), engine) as second:
                feed.send(topic, *(Thing(name="a").encode() for _ in range(200)))
                wait_until(lambda: second.metric("owned_partitions") == 2, "the second one has its share")
                feed.send(topic, *(Thing(name="a").encode() for _ in range(200)))
                wait_until(lambda: counts(engine)["a"] == 600, "both count")
                assert second.metric("events_total", event_type="Thing") > 0
            feed.send(topic, *(Thing(name="a").encode() for _ in range(200)))
            wait_until(lambda: counts(engine)["a"] == 800, "the first one has all again")
        assert totals(engine) == (800, 0)
