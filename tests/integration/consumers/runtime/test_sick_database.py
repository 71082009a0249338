"""Members on a PostgreSQL that is sick, or that they themselves hold up."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace

import psutil
import pytest
from psycopg import connect, sql
from sqlalchemy import Engine, make_url, text

from hangarstack.settings import Secret, Settings
from tests.support.consumer_member import MemberProcess
from tests.support.consumer_runs import Feed, group_name, wait_until
from tests.support.consumers import Thing, counts, handled, open_counts, totals
from tests.support.kafka import Kafka
from tests.support.postgres_proxy import PostgresProxy

Start = Callable[[Settings], "subprocess.Popen[bytes]"]


@pytest.fixture
def settings(postgres_settings: Settings, kafka: Kafka, session_ms: int) -> Settings:
    return replace(postgres_settings, bootstrap_servers=kafka.bootstrap_servers, session_timeout_ms=session_ms)


@pytest.fixture
def engine(settings: Settings) -> Iterator[Engine]:
    engine = open_counts(settings)
    yield engine
    engine.dispose()


@pytest.fixture
def start(topic: str, engine: Engine) -> Iterator[Start]:  # noqa: ARG001 - the store is there
    """Starts members of one group; what runs at the end is killed."""
    name = group_name()
    with ExitStack() as stack:

        def start_(settings: Settings) -> subprocess.Popen[bytes]:
            process = MemberProcess(settings=settings, name=name, topic=topic).start()
            stack.callback(process.wait)
            stack.callback(process.kill)
            return process

        yield start_


@contextmanager
def read_only(settings: Settings) -> Iterator[None]:
    """Make the database read-only, as one is that a failover has left behind, for all who connect to it."""
    url = settings.database_url.reveal()
    name = sql.Identifier(str(make_url(url).database))
    change = sql.SQL("ALTER DATABASE {} SET default_transaction_read_only = {}")
    with connect(url, autocommit=True) as admin:
        admin.execute("SET default_transaction_read_only = off")
        admin.execute(change.format(name, sql.SQL("on")))
        admin.execute(DROP_OTHERS)
        try:
            yield
        finally:
            admin.execute(change.format(name, sql.SQL("off")))


DROP_OTHERS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


def test_a_member_that_freezes_within_a_transaction_is_replaced_and_counts_nothing_twice_when_it_wakes_up(
    settings: Settings, topic: str, engine: Engine, feed: Feed, start: Start
) -> None:
    member = start(replace(settings, home=settings.home / "one"))
    feed.send(topic, *(Thing(name="a").encode() for _ in range(100)))
    wait_until(lambda: handled(engine) == 100, "it counts")
    (settings.home / "one").mkdir(exist_ok=True)
    (settings.home / "one" / "freeze").touch()
    feed.send(topic, *(Thing(name="a").encode() for _ in range(100)))
    wait_until(lambda: psutil.Process(member.pid).status() == psutil.STATUS_STOPPED, "it freezes")
    frozen_at = time.monotonic()
    start(settings)
    wait_until(lambda: handled(engine) == 200, "the other has taken over")
    assert time.monotonic() - frozen_at < settings.session_timeout_ms / 1000 + 3
    member.send_signal(signal.SIGCONT)
    feed.send(topic, *(Thing(name="a").encode() for _ in range(200)))
    wait_until(lambda: handled(engine) == 400, "both")
    time.sleep(0.5)
    assert member.poll() is None
    assert counts(engine) == {"a": 400}
    assert totals(engine) == (400, 0)


def test_a_database_that_takes_no_writes_is_waited_for_and_no_good_record_is_blamed(
    settings: Settings, topic: str, engine: Engine, feed: Feed, start: Start
) -> None:
    member = start(settings)
    feed.send(topic, Thing(name="a").encode())
    wait_until(lambda: handled(engine) == 1, "it counts")
    engine.dispose()
    with read_only(settings):
        feed.send(topic, *(Thing(name="a").encode() for _ in range(50)))
        # Long enough for all attempts of a record that is to blame.
        time.sleep(4)
        assert member.poll() is None
    wait_until(lambda: handled(engine) == 51, "it goes on")
    assert totals(engine) == (51, 0)


def test_a_statement_that_is_wrong_for_every_record_is_waited_for_and_makes_no_dead_letters(
    settings: Settings, topic: str, engine: Engine, feed: Feed, start: Start
) -> None:
    member = start(settings)
    feed.send(topic, Thing(name="a").encode())
    wait_until(lambda: handled(engine) == 1, "it counts")
    with engine.begin() as tx:
        tx.execute(text("ALTER TABLE counts RENAME COLUMN total TO sum"))
    feed.send(topic, Thing(name="a").encode())
    time.sleep(3)
    assert member.poll() is None
    with engine.begin() as tx:
        tx.execute(text("ALTER TABLE counts RENAME COLUMN sum TO total"))
    wait_until(lambda: handled(engine) == 2, "it goes on")
    assert totals(engine) == (2, 0)


def test_a_connection_that_has_become_a_black_hole_is_given_up_for_a_new_one(
    settings: Settings, topic: str, engine: Engine, feed: Feed, start: Start
) -> None:
    with PostgresProxy(settings.database_url.reveal()) as proxy:
        start(replace(settings, database_url=Secret(proxy.url)))
        feed.send(topic, Thing(name="a").encode())
        wait_until(lambda: handled(engine) == 1, "it counts")
        proxy.swallow()
        feed.send(topic, Thing(name="a").encode())
        wait_until(lambda: handled(engine) == 2, "it goes on", deadline_s=16)
    assert totals(engine) == (2, 0)
