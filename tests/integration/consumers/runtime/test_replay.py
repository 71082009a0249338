from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient

from hangarstack.broker.config import client_config
from hangarstack.consumers.runtime.ports import PartitionId
from hangarstack.consumers.runtime.replay import ReplayClock, ReplaySource
from hangarstack.settings import Settings
from tests.support.consumer_runs import Feed, wait_until
from tests.support.kafka import fresh_name

Spans = Sequence[tuple[PartitionId, int, int]]
NUMBER = 1


class FromTheBeginning:
    """Takes partitions over at their beginning."""

    def assigned(self, partitions: Sequence[PartitionId]) -> Mapping[PartitionId, int | None]:
        return dict.fromkeys(partitions, 0)

    def revoked(self, partitions: Sequence[PartitionId]) -> None:
        raise AssertionError(f"a replay has lost {partitions}")

    def lost(self, partitions: Sequence[PartitionId]) -> None:
        raise AssertionError(f"a replay has lost {partitions}")


class AtOnce:
    """A client that hands over in one go what one fetch has brought."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def consume(self, limit: int, wait_s: float) -> list[Any]:
        found: list[Any] = self._client.consume(limit, wait_s + 0.5)
        return found


class Losing(AtOnce):
    """A client that loses the records from some offset on, once."""

    def __init__(self, client: Any, offset: int) -> None:
        super().__init__(client)
        self._offset: int | None = offset

    def consume(self, limit: int, wait_s: float) -> list[Any]:
        found = super().consume(limit, wait_s)
        first, self._offset = self._offset, None
        return [one for one in found if first is None or one.error() is not None or one.offset() < first]


class Asking(AtOnce):
    """A client that counts the questions for where the log begins and ends."""

    questions = 0

    def get_watermark_offsets(self, one: TopicPartition, **how: Any) -> Any:
        self.questions += not how.get("cached", False)
        return self._client.get_watermark_offsets(one, **how)


class Replay:
    """One partition, replayed to a goal."""

    def __init__(
        self,
        settings: Settings,
        topic: str,
        goal: int,
        *,
        gone: Callable[[Spans], None] = lambda _spans: None,
        client: Callable[[Any], Any] = AtOnce,
    ) -> None:
        self.offsets: list[int | None] = []
        self._source = ReplaySource(
            settings,
            fresh_name("group"),
            goals=lambda: {(topic, NUMBER): goal},
            gone=gone,
            clock=ReplayClock(),
            show=lambda _done, _total: None,
            done=lambda: None,
        )
        self._source.open([topic], FromTheBeginning())
        self.client = self._source._consumer = client(self._source._consumer)
        self._one = (topic, NUMBER)

    def ends(self) -> bool:
        """Take what is there; tell whether the replay has ended."""
        self.offsets += [record.offset() for record in self._source.take(500, 0.1, 0.0)]
        return self._source.caught_up

    def take(self, count: int) -> bool:
        """Take so many records at most, if they are there; tell whether there were any."""
        taken = [record.offset() for record in self._source.take(count, 0.1, 0.0)]
        self.offsets += taken
        return bool(taken)

    def hold(self) -> None:
        """Stop reading."""
        self._source.hold([self._one])

    def go_on(self, offset: int) -> None:
        """Read on from there."""
        self._source.go_on(self._one, offset)

    def close(self) -> None:
        self._source.close(5.0)


@pytest.fixture
def replay(settings: Settings, topic: str) -> Iterator[Callable[..., Replay]]:
    made = []

    def make(goal: int, **how: Any) -> Replay:
        made.append(Replay(settings, topic, goal, **how))
        return made[-1]

    yield make
    for one in made:
        one.close()


def aborted(settings: Settings, topic: str, end: int) -> None:
    """Write a record and call it back: it and the end of its transaction take an offset each that nobody reads.

    Args:
        settings: where.
        topic: where.
        end: the log's end afterwards.
    """
    producer = Producer({**client_config(settings), "transactional.id": fresh_name("transaction")})
    producer.init_transactions(20)
    producer.begin_transaction()
    producer.produce(topic, b"called back", partition=NUMBER)
    assert producer.flush(20) == 0
    producer.abort_transaction(20)
    reader = Consumer({**client_config(settings), "group.id": fresh_name("group")})
    one = TopicPartition(topic, NUMBER)
    # The end of a transaction is written after it was agreed on.
    wait_until(lambda: bool(reader.get_watermark_offsets(one, timeout=10)[1] == end), "called back")
    reader.close()


def test_a_replay_ends_though_the_last_records_before_its_goal_are_gone_and_others_follow(
    replay: Callable[..., Replay], settings: Settings, topic: str, feed: Feed
) -> None:
    feed.send(topic, b"a", b"b", b"c", partition=NUMBER)
    aborted(settings, topic, 5)
    feed.send(topic, b"d", partition=NUMBER)
    one = replay(5)
    wait_until(one.ends, "ended")
    assert one.offsets == [0, 1, 2]


def test_a_replay_ends_though_the_last_records_before_its_goal_are_gone_and_none_follows(
    replay: Callable[..., Replay], settings: Settings, topic: str, feed: Feed
) -> None:
    feed.send(topic, b"a", b"b", b"c", partition=NUMBER)
    aborted(settings, topic, 5)
    one = replay(5)
    wait_until(one.ends, "ended")
    assert one.offsets == [0, 1, 2]


def test_a_replay_asks_the_broker_no_question_at_a_gap(
    replay: Callable[..., Replay], settings: Settings, topic: str, feed: Feed
) -> None:
    for end in (3, 6, 9):
        feed.send(topic, b"a", partition=NUMBER)
        aborted(settings, topic, end)
    feed.send(topic, b"a", partition=NUMBER)
    one = replay(10, client=Asking)
    wait_until(one.ends, "ended")
    # It asks where the log begins and ends before it reads.
    assert (one.offsets, one.client.questions) == ([0, 3, 6, 9], 1)


def test_the_last_records_before_the_goal_are_read_though_the_client_skips_them_at_first(
    replay: Callable[..., Replay], topic: str, feed: Feed
) -> None:
    feed.send(topic, *(b"%d" % number for number in range(20)), partition=NUMBER)
    one = replay(20, client=lambda client: Losing(client, 15))
    wait_until(one.ends, "ended")
    assert one.offsets == list(range(20))


def test_a_replay_tells_of_records_before_its_goal_that_retention_deletes_before_it_has_read_any(
    replay: Callable[..., Replay], settings: Settings, topic: str, feed: Feed
) -> None:
    feed.send(topic, b"a", b"b", b"c", partition=NUMBER)
    told: list[tuple[PartitionId, int, int]] = []
    client = AdminClient(client_config(settings))

    def gone(spans: Spans) -> None:
        # Told first when it knows where to begin.
        told.extend(spans)
        deleted = TopicPartition(topic, NUMBER, 3)
        client.delete_records([deleted])[deleted].result(10)

    one = replay(3, gone=gone)
    wait_until(one.ends, "ended")
    assert (one.offsets, told) == ([], [((topic, NUMBER), 0, 3)])


def test_a_replay_tells_of_records_that_retention_deletes_while_it_reads(
    replay: Callable[..., Replay], settings: Settings, topic: str, feed: Feed
) -> None:
    feed.send(topic, *(b"%d" % number for number in range(20)), partition=NUMBER)
    told: list[tuple[PartitionId, int, int]] = []
    one = replay(20, gone=told.extend)
    wait_until(lambda: one.take(2), "the first two")
    one.hold()
    client, deleted = AdminClient(client_config(settings)), TopicPartition(topic, NUMBER, 15)
    client.delete_records([deleted])[deleted].result(10)
    one.go_on(2)
    wait_until(one.ends, "ended")
    assert (one.offsets, told) == ([0, 1, *range(15, 20)], [((topic, NUMBER), 2, 15)])
