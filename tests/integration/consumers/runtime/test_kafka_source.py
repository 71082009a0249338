from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from hangarstack.broker.embedded.kafka import EmbeddedKafka
from hangarstack.broker.specs import TopicSpec
from hangarstack.broker.topics import ensure
from hangarstack.consumers.runtime.kafka_source import KafkaSource
from hangarstack.consumers.runtime.ports import PartitionId
from hangarstack.errors import BrokerError
from hangarstack.settings import Settings
from tests.support.consumer_runs import DEADLINE_S, Feed, group_name, wait_until
from tests.support.kafka import Kafka

Start = Callable[..., "Member"]


class Member:
    """A source, and what it has told and given.

    Args:
        source: not opened yet.
        start: where each partition begins; None: not known.
    """

    def __init__(self, source: KafkaSource, start: int | None) -> None:
        self.source = source
        self.start = start
        self.owned: set[PartitionId] = set()
        self.told: list[str] = []
        self.values: list[bytes | None] = []

    def assigned(self, partitions: Sequence[PartitionId]) -> Mapping[PartitionId, int | None]:
        self.told.append("assigned")
        self.owned.update(partitions)
        return dict.fromkeys(partitions, self.start)

    def revoked(self, partitions: Sequence[PartitionId]) -> None:
        self.told.append("revoked")
        self.owned.difference_update(partitions)

    def lost(self, partitions: Sequence[PartitionId]) -> None:
        self.told.append("lost")
        self.owned.difference_update(partitions)

    def take(self) -> None:
        self.values += [record.value() for record in self.source.take(100, 0.1, 0.0)]

    def take_for(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.take()


class FreezingMember(Member):
    """Its broker hangs from the moment on at which it gets partitions, whose beginning it does not know yet.

    Args:
        source: not opened yet.
        broker: the process id.
    """

    def __init__(self, source: KafkaSource, broker: int) -> None:
        super().__init__(source, None)
        self._broker = broker

    def assigned(self, partitions: Sequence[PartitionId]) -> Mapping[PartitionId, int | None]:
        os.kill(self._broker, signal.SIGSTOP)
        return super().assigned(partitions)


@pytest.fixture
def start(settings: Settings, topic: str) -> Iterator[Start]:
    """Starts members of one group."""
    group = group_name()
    with ExitStack() as stack:

        def make(start: int | None = 0, **config: int) -> Member:
            source = KafkaSource(settings, group)
            source._config.update(config)
            member = Member(source, start)
            source.open([topic], member)
            stack.callback(source.close, 5.0)
            return member

        yield make


@pytest.fixture
def topic(kafka: Kafka) -> str:
    return kafka.topic(partitions=2)


def until_all_own(what: str, shares: Mapping[Member, int]) -> None:
    def share() -> bool:
        for member in shares:
            member.take()
        return all(len(member.owned) == count for member, count in shares.items())

    wait_until(share, what)


def test_a_partition_whose_start_is_not_known_gives_nothing_until_it_is_told_where_to_go_on(
    start: Start, topic: str, feed: Feed
) -> None:
    member = start(None)
    until_all_own("it has both", {member: 2})
    for partition in (0, 1):
        feed.send(topic, b"%d" % partition, partition=partition)
    member.take_for(1)
    assert member.values == []
    member.source.go_on((topic, 1), 0)
    until = time.monotonic() + 5
    while not member.values and time.monotonic() < until:
        member.take()
    member.take_for(0.5)
    assert member.values == [b"1"]


def test_a_partition_goes_on_where_it_is_told_to_however_late_the_broker_answers(
    own_kafka: EmbeddedKafka, tmp_path: Path
) -> None:
    settings, topic = Settings(home=tmp_path, bootstrap_servers=own_kafka.bootstrap_servers), "one"
    ensure(settings, [TopicSpec(name=topic, partitions=1, replication_factor=1, configs={})])
    # More than the client fetches ahead.
    values = [b"%d" % number + bytes(20_000) for number in range(1_000)]
    Feed(settings).send(topic, *values, partition=0)
    source, broker = KafkaSource(settings, group_name()), own_kafka.pid
    assert broker is not None
    member = FreezingMember(source, broker)
    source.open([topic], member)
    try:
        until_all_own("it has the partition", {member: 1})
        member.take()
        source.go_on((topic, 0), 5)
    finally:
        os.kill(broker, signal.SIGCONT)
    until = time.monotonic() + DEADLINE_S
    while len(member.values) < len(values) - 5 and time.monotonic() < until:
        member.take()
        # What a client does half a second after the answer must find it still reading.
        time.sleep(0.2)
    source.close(5.0)
    assert [int(value[:-20_000]) for value in member.values if value] == list(range(5, 1_000))


def test_a_partition_that_was_held_when_it_went_is_read_when_it_comes_back(
    start: Start, topic: str, feed: Feed
) -> None:
    first = start()
    until_all_own("the first one has both", {first: 2})
    first.source.hold(first.owned)
    second = start()
    until_all_own("each has one", {first: 1, second: 1})
    (gone,) = second.owned
    second.source.close(5.0)
    until_all_own("the first one has both again", {first: 2})
    for partition in (0, 1):
        feed.send(topic, b"%d" % partition, partition=partition)
    first.take_for(1)
    assert first.values == [b"%d" % gone[1]]


def test_a_member_that_was_silent_too_long_is_told_that_its_partitions_are_lost(start: Start, session_ms: int) -> None:
    member = start(**{"max.poll.interval.ms": session_ms})
    until_all_own("it has both", {member: 2})
    time.sleep(session_ms / 1000 + 1)
    until_all_own("it has none", {member: 0})
    assert member.told == ["assigned", "lost"]


def test_a_static_member_whose_name_another_one_has_taken_cannot_go_on(settings: Settings, topic: str) -> None:
    named, group = replace(settings, group_instance_id="one"), group_name()
    first, second = (Member(KafkaSource(named, group), 0) for _ in "ab")
    with ExitStack() as stack:
        for member in (first, second):
            member.source.open([topic], member)
            stack.callback(member.source.close, 5.0)
            until_all_own("it has both", {member: 2})
        with pytest.raises(BrokerError, match="cannot go on"):
            first.take_for(DEADLINE_S)
        second.take_for(0.5)
        assert second.told == ["assigned"]


def test_the_log_is_asked_for_its_bounds_and_for_the_first_record_since_a_time(
    start: Start, topic: str, feed: Feed
) -> None:
    source = start().source
    feed.send(topic, b"0", b"1", partition=1)
    now = time.time()
    assert source.bounds((topic, 1)) == (0, 2)
    assert source.bounds((topic, 0)) == (0, 0)
    assert source.offset_since((topic, 1), 0) == 0
    assert source.offset_since((topic, 1), int(1000 * now) + 60_000) is None
    assert source.offset_since((topic, 0), 0) is None
