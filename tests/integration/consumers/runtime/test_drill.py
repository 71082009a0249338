from __future__ import annotations

import random
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from hangarstack.broker.specs import TopicSpec
from hangarstack.broker.topics import ensure
from hangarstack.settings import Settings
from tests.support.consumer_member import MemberProcess
from tests.support.consumer_runs import Feed, group_name, read_all, wait_until
from tests.support.consumers import GARBAGE, Thing, counts, handled, open_counts, totals
from tests.support.kafka import Kafka

EVENTS = 20_000
PER_SECOND = 4_000
PARTITIONS = 6
MEMBERS = 3
KILLS = 5
POISON_EVERY = 100
TWICE_EVERY = 10


class Members:
    """Processes of one group; whichever is killed is started again."""

    def __init__(self, member: MemberProcess) -> None:
        self._member = member
        self.processes = [member.start() for _ in range(MEMBERS)]

    def kill_one(self) -> None:
        index = random.randrange(MEMBERS)
        self.processes[index].kill()
        self.processes[index].wait()
        self.processes[index] = self._member.start()

    def stop(self) -> list[int]:
        """Ask all to stop, wait, and return their exit codes."""
        for process in self.processes:
            process.send_signal(signal.SIGTERM)
        return [process.wait(10) for process in self.processes]


@pytest.fixture
def settings(store_settings: Settings, kafka: Kafka, session_ms: int) -> Settings:
    return replace(store_settings, bootstrap_servers=kafka.bootstrap_servers, session_timeout_ms=session_ms)


@pytest.fixture
def topic(kafka: Kafka, settings: Settings) -> str:
    name = kafka.topic(partitions=PARTITIONS)
    ensure(settings, [TopicSpec(name=f"{name}.dlq", partitions=1, replication_factor=1, configs={})])
    return name


@pytest.fixture
def members(settings: Settings, topic: str) -> Iterator[Members]:
    open_counts(settings).dispose()
    running = Members(MemberProcess(settings=settings, name=group_name(), topic=topic))
    yield running
    for process in running.processes:
        process.kill()
        process.wait()


def feed(settings: Settings, topic: str) -> None:
    """Publish at a steady rate: things, each tenth twice, and one per cent that no one can read."""
    writer = Feed(settings)
    started = time.monotonic()
    for first in range(0, EVENTS, PER_SECOND // 20):
        values = []
        for number in range(first, first + PER_SECOND // 20):
            value = Thing(name=f"thing {number % 97}").encode()
            values.append(GARBAGE if number % POISON_EVERY == 50 else value)
            if number % TWICE_EVERY == 1:
                values.append(value)
        writer.send(topic, *values)
        time.sleep(max(0.0, started + first / PER_SECOND - time.monotonic()))


def test_members_that_are_killed_lose_nothing_and_count_nothing_twice(
    settings: Settings, topic: str, members: Members
) -> None:
    feeding = threading.Thread(target=feed, args=(settings, topic))
    feeding.start()
    for _ in range(KILLS):
        time.sleep(random.uniform(0.6, 1.2))
        members.kill_one()
    feeding.join()
    engine = open_counts(settings)
    dead = EVENTS // POISON_EVERY
    records = EVENTS + EVENTS // TWICE_EVERY
    wait_until(lambda: handled(engine) == records, "all are handled", deadline_s=40)
    assert members.stop() == [0] * MEMBERS
    assert totals(engine) == (EVENTS - dead, dead)
    counted = counts(engine)
    assert sum(counted.values()) == EVENTS - dead
    for name in range(97):
        expected = sum(1 for number in range(EVENTS) if number % 97 == name and number % POISON_EVERY != 50)
        assert counted[f"thing {name}"] == expected
    engine.dispose()
    letters = [dict(message.headers()) for message in read_all(settings, f"{topic}.dlq", 1, dead)]
    # A kill between a letter and its transaction may write a letter twice; its headers tell which record it is.
    assert len({(each["dlq_partition"], each["dlq_offset"]) for each in letters}) == dead
