from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Engine, text

from hangarstack.settings import Settings
from tests.support.consumer_member import MemberProcess, SlowService
from tests.support.consumer_runs import DEADLINE_S, Feed, Running, group_name, wait_until
from tests.support.consumers import Thing, ThingDecoder, counts, handled, open_counts, totals
from tests.support.kafka import Kafka

DROP_BUSY_OTHERS = text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'"
)
Start = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def start(settings: Settings, topic: str, engine: Engine) -> Iterator[Start]:  # noqa: ARG001 - the store is there
    """Starts members of one group; what runs at the end is killed."""
    name = group_name()
    with ExitStack() as stack:

        def start_(**own_settings: Any) -> subprocess.Popen[bytes]:
            own = replace(settings, **own_settings)
            process = MemberProcess(settings=own, name=name, topic=topic).start()
            stack.callback(process.wait)
            stack.callback(process.kill)
            return process

        yield start_


def test_sigterm_ends_a_member_within_its_time_and_the_next_one_goes_on(
    topic: str, engine: Engine, feed: Feed, start: Start
) -> None:
    first = start()
    feed.send(topic, *(Thing(name="a").encode() for _ in range(500)))
    wait_until(lambda: totals(engine)[0] > 0, "it counts")
    first.send_signal(signal.SIGTERM)
    began = time.monotonic()
    assert first.wait(10) == 0
    assert time.monotonic() - began < 2
    start()
    wait_until(lambda: handled(engine) == 500, "the next one")
    assert counts(engine) == {"a": 500}


def test_sigterm_ends_a_member_in_time_that_waits_for_a_locked_database(
    topic: str, engine: Engine, feed: Feed, start: Start
) -> None:
    member = start(drain_s=1.0)
    feed.send(topic, Thing(name="a").encode())
    wait_until(lambda: counts(engine) == {"a": 1}, "it counts")
    with engine.begin():
        feed.send(topic, Thing(name="b").encode())
        time.sleep(0.5)
        member.send_signal(signal.SIGTERM)
        assert member.wait(2.5) == 0
    assert counts(engine) == {"a": 1}


def test_a_static_member_that_was_killed_has_its_partitions_back_long_before_its_session_ends(
    topic: str, engine: Engine, feed: Feed, start: Start
) -> None:
    killed = start(group_instance_id="the-one", session_timeout_ms=30_000)
    feed.send(topic, Thing(name="a").encode())
    wait_until(lambda: counts(engine) == {"a": 1}, "it counts")
    killed.kill()
    killed.wait()
    feed.send(topic, Thing(name="b").encode())
    start(group_instance_id="the-one", session_timeout_ms=30_000)
    wait_until(lambda: counts(engine) == {"a": 1, "b": 1}, "its successor", deadline_s=15)


@pytest.mark.parametrize("protocol", ["classic", "consumer"])
def test_of_two_members_of_one_static_id_one_ends_rather_than_wait_for_ever(
    topic: str, engine: Engine, feed: Feed, start: Start, protocol: str
) -> None:
    both = [start(group_instance_id="the-one", group_protocol=protocol)]
    feed.send(topic, Thing(name="a").encode())
    wait_until(lambda: counts(engine) == {"a": 1}, "it counts")
    both.append(start(group_instance_id="the-one", group_protocol=protocol))
    wait_until(lambda: any(member.poll() not in {None, 0} for member in both), "one ends")
    feed.send(topic, Thing(name="b").encode())
    wait_until(lambda: counts(engine) == {"a": 1, "b": 1}, "the other")
    assert any(member.poll() is None for member in both)


def test_a_member_that_slept_through_its_session_wakes_up_and_counts_nothing_twice(
    topic: str, engine: Engine, feed: Feed, start: Start
) -> None:
    sleeper = start()
    feed.send(topic, *(Thing(name="a").encode() for _ in range(300)))
    wait_until(lambda: handled(engine) == 300, "the first one")
    sleeper.send_signal(signal.SIGSTOP)
    start()
    feed.send(topic, *(Thing(name="b").encode() for _ in range(300)))
    wait_until(lambda: handled(engine) == 600, "the second one has taken over")
    sleeper.send_signal(signal.SIGCONT)
    feed.send(topic, *(Thing(name="c").encode() for _ in range(300)))
    wait_until(lambda: handled(engine) == 900, "both")
    time.sleep(0.5)
    assert counts(engine) == {"a": 300, "b": 300, "c": 300}
    assert totals(engine) == (900, 0)


def test_a_database_that_drops_connections_in_the_middle_of_transactions_costs_nothing(
    postgres_settings: Settings, kafka: Kafka, topic: str, feed: Feed
) -> None:
    settings = replace(postgres_settings, bootstrap_servers=kafka.bootstrap_servers)
    engine, other = open_counts(settings), open_counts(settings)
    sent, dropped, until = 0, 0, time.monotonic() + DEADLINE_S
    with Running(settings, SlowService(topic, name=group_name(), home=settings.home), ThingDecoder(), engine) as member:
        while dropped < 5:
            assert time.monotonic() < until
            feed.send(topic, *(Thing(name="a").encode() for _ in range(20)))
            sent += 20
            with other.begin() as tx:
                dropped += len(tx.execute(DROP_BUSY_OTHERS).all())
        wait_until(lambda: handled(other) == sent, "all")
        assert member.metric("holds_total", why="outage") > 0
    assert counts(other) == {"a": sent}
    assert totals(other) == (sent, 0)
    engine.dispose()
    other.dispose()
