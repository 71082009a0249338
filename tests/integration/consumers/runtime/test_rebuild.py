from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from confluent_kafka import Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from sqlalchemy import Connection, Engine, func, insert, select, update

from hangarstack.analytics.popularity import VIEWS
from hangarstack.broker.config import client_config
from hangarstack.broker.specs import TopicSpec
from hangarstack.broker.topics import ensure
from hangarstack.consumers.runtime.rebuild import Rebuilt, rebuild
from hangarstack.consumers.runtime.service import Received
from hangarstack.consumers.runtime.tables import CONSUMER_OFFSETS, EVENT_LATENCY, SEEN_EVENTS
from hangarstack.deadletters.desk import REPLAY, Desk
from hangarstack.deadletters.ledger import Actor, Fate
from hangarstack.deadletters.repairing import Order
from hangarstack.deadletters.selection import Selection
from hangarstack.errors import AlreadyRunningError, RebuildError, RegistryUnavailableError, StoreUnavailableError
from hangarstack.settings import Settings
from hangarstack.store.shadow import shadow_of
from tests.support.consumer_runs import Feed, Running, group_name, read_all, wait_until
from tests.support.consumers import GARBAGE, OWNER, POISON, Thing, ThingDecoder, handled, totals
from tests.support.kafka import Kafka
from tests.support.rebuilding import CountingViews, SlowlyCounting, start_rebuild, views
from tests.support.stores import Opened

NAMES = 23
PARTITIONS = 4


@pytest.fixture
def settings(store_settings: Settings, kafka: Kafka, session_ms: int) -> Settings:
    return replace(store_settings, bootstrap_servers=kafka.bootstrap_servers, session_timeout_ms=session_ms)


@pytest.fixture
def sqlite(sqlite_settings: Settings, kafka: Kafka, session_ms: int) -> Settings:
    return replace(sqlite_settings, bootstrap_servers=kafka.bootstrap_servers, session_timeout_ms=session_ms)


# Of their own, so that a test without a store, or with one only, runs once.
@pytest.fixture
def topic(kafka: Kafka, kafka_settings: Settings) -> str:
    name = kafka.topic(partitions=PARTITIONS)
    ensure(kafka_settings, [TopicSpec(name=f"{name}.dlq", partitions=1, replication_factor=1, configs={})])
    return name


@pytest.fixture
def feed(kafka_settings: Settings) -> Feed:
    return Feed(kafka_settings)


class Traffic:
    """Things at a steady rate, some of them twice, and some records that nobody can decode."""

    def __init__(self, feed: Feed, topic: str) -> None:
        self._feed, self._topic = feed, topic
        self.events = self.dead = self.records = 0
        self.expected: dict[str, int] = {}

    def send(self, count: int) -> None:
        values: list[bytes | None] = []
        for number in range(count):
            if number % 100 == 50:
                values.append(GARBAGE)
                self.dead += 1
                continue
            thing = Thing(name=f"thing {number % NAMES}")
            values += [thing.encode()] * (2 if number % 10 == 1 else 1)
            self.expected[thing.name] = self.expected.get(thing.name, 0) + 1
            self.events += 1
        self._feed.send(self._topic, *values)
        self.records += len(values)

    def go_on(self, until: threading.Event) -> None:
        while not until.wait(0.05):
            self.send(40)


@pytest.fixture
def traffic(feed: Feed, topic: str) -> Traffic:
    return Traffic(feed, topic)


class GoingAway(ThingDecoder):
    """Can ask the registry so many times."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self._times = times

    def decode(self, topic: str, value: bytes) -> Thing:
        if not self._times:
            raise RegistryUnavailableError("no answer", where=topic)
        self._times -= 1
        return super().decode(topic, value)


class Meanwhile(ThingDecoder):
    """Lets something happen before it decodes what comes after so many values."""

    def __init__(self, after: int, happen: Callable[[], None]) -> None:
        super().__init__()
        self._left = after
        self._happen = happen

    def decode(self, topic: str, value: bytes) -> Thing:
        if self._left == 0:
            self._happen()
        self._left -= 1
        return super().decode(topic, value)


def letters_of(settings: Settings, topic: str, expected: int) -> Counter[tuple[bytes, bytes]]:
    """Return how many dead letters each record has."""
    found = (dict(message.headers()) for message in read_all(settings, f"{topic}.dlq", 1, expected))
    return Counter((headers["dlq_partition"], headers["dlq_offset"]) for headers in found)


def spoil(engine: Engine, name: str = "thing 0") -> None:
    """Give a thing a thousand views too many, as a bug of the service might have."""
    with engine.begin() as tx:
        tx.execute(update(VIEWS).where(VIEWS.c.aircraft_id == name).values(views=VIEWS.c.views + 1000))


def run(settings: Settings, topic: str, name: str, *, partly: bool = False) -> Rebuilt:
    return rebuild(settings, CountingViews(topic, name), ThingDecoder(), threading.Event(), partly=partly)


def counted(settings: Settings, topic: str, name: str, engine: Engine, records: int) -> None:
    """Let the service count so many records, then stop."""
    with Running(settings, CountingViews(topic, name), ThingDecoder(), engine):
        wait_until(lambda: handled(engine) == records, "counted")


@pytest.fixture
def readers(settings: Settings, opened: Opened) -> Engine:
    """An engine that was open all the time, as a web process has it."""
    engine = opened(settings, OWNER)
    views(engine)
    return engine


def test_a_rebuild_under_traffic_killed_once_leaves_the_old_numbers_then_the_exact_ones(
    settings: Settings, topic: str, traffic: Traffic, readers: Engine, opened: Opened
) -> None:
    name, stop = group_name(), threading.Event()
    traffic.send(4_000)
    members = [Running(settings, SlowlyCounting(topic, name), ThingDecoder(), opened(settings, OWNER)) for _ in "ab"]
    with members[0], members[1]:
        wait_until(lambda: handled(readers) == traffic.records, "the service has counted")
        spoil(readers)
        feeding = threading.Thread(target=traffic.go_on, args=(stop,))
        feeding.start()
        try:
            killed = start_rebuild(settings, topic, name)
            assert killed.stdout is not None
            assert int(killed.stdout.readline().split()[0]) > 0
            killed.kill()
            killed.communicate()
            assert views(readers)["thing 0"] > 1000
            done = run(settings, topic, name)
            assert views(readers)["thing 0"] < 1000
            time.sleep(0.3)
        finally:
            stop.set()
            feeding.join()
        wait_until(lambda: handled(readers) == traffic.records, "the rest is counted")
    assert views(readers) == traffic.expected
    assert totals(readers) == (traffic.events, traffic.dead)
    assert done.records > 4_000
    assert 40 <= done.dead <= traffic.dead
    letters = letters_of(settings, topic, traffic.dead)
    assert len(letters) == traffic.dead
    assert set(letters.values()) == {1}


@pytest.mark.parametrize("protocol", ["classic", "consumer"])
def test_what_a_service_counts_before_the_swap_is_counted_again_though_no_other_record_comes(
    settings: Settings, protocol: str, topic: str, feed: Feed, readers: Engine
) -> None:
    settings, name = replace(settings, group_protocol=protocol), group_name()
    feed.send(topic, GARBAGE, *(Thing(name="a").encode() for _ in range(20)))

    def go_on() -> None:
        feed.send(topic, *(Thing(name=name).encode() for name in ["b", POISON] * 20), GARBAGE)
        wait_until(lambda: handled(readers) == 62, "counted meanwhile")

    with Running(settings, CountingViews(topic, name), ThingDecoder(), readers):
        wait_until(lambda: handled(readers) == 21, "counted")
        # The letter is decoded when all is replayed.
        done = rebuild(settings, CountingViews(topic, name), Meanwhile(21, go_on), threading.Event())
        assert done.records == 21
        wait_until(lambda: handled(readers) == 62, "counted again", 5.0)
    assert views(readers) == {"a": 20, "b": 20}
    assert totals(readers) == (40, 22)
    letters = letters_of(settings, topic, 22)
    assert len(letters) == 22
    assert set(letters.values()) == {1}


def test_what_the_members_of_a_service_have_seen_is_swapped_with_what_they_have_counted(
    settings: Settings, topic: str, feed: Feed, readers: Engine
) -> None:
    name, thing = group_name(), Thing(name="a")
    feed.send(topic, thing.encode())
    counted(settings, topic, name, readers, 1)
    with readers.begin() as tx:
        tx.execute(SEEN_EVENTS.delete())
    run(settings, topic, name)
    feed.send(topic, thing.encode())
    counted(settings, topic, name, readers, 2)
    assert views(readers) == {"a": 1}


def test_records_that_retention_has_deleted_are_named_and_the_old_numbers_stay_unless_told(
    sqlite: Settings, topic: str, feed: Feed, opened: Opened
) -> None:
    name, engine = group_name(), opened(sqlite, OWNER)
    feed.send(topic, *(Thing(name="a").encode() for _ in range(5)), partition=2)
    feed.send(topic, *(Thing(name="b").encode() for _ in range(5)), partition=1)
    counted(sqlite, topic, name, engine, 10)
    client = AdminClient({"bootstrap.servers": sqlite.bootstrap_servers})
    client.delete_records([TopicPartition(topic, 2, 3)])[TopicPartition(topic, 2)].result(10)
    with pytest.raises(RebuildError, match=rf"Gone are: {topic}\[2\]: offsets 0 to 2"):
        run(sqlite, topic, name)
    assert views(engine) == {"a": 5, "b": 5}
    done = run(sqlite, topic, name, partly=True)
    assert done.missing == (f"{topic}[2]: offsets 0 to 2",)
    assert views(engine) == {"a": 2, "b": 5}


def test_what_an_earlier_topic_of_the_same_name_held_is_named(
    sqlite: Settings, topic: str, feed: Feed, opened: Opened
) -> None:
    name, engine = group_name(), opened(sqlite, OWNER)
    feed.send(topic, Thing(name="a").encode())
    counted(sqlite, topic, name, engine, 1)
    with engine.begin() as tx:
        row = {"cluster_id": "c", "topic_id": "old", "partition": 0, "topic": topic, "next_offset": 7, "dead_in_row": 0}
        tx.execute(insert(CONSUMER_OFFSETS).values(row))
    with pytest.raises(RebuildError, match="all that an earlier topic of this name held"):
        run(sqlite, topic, name)


def test_a_service_that_cannot_handle_any_more_what_it_has_counted_keeps_its_numbers(
    sqlite: Settings, topic: str, feed: Feed, opened: Opened
) -> None:
    name, engine = group_name(), opened(sqlite, OWNER)
    feed.send(topic, Thing(name="a").encode(), Thing(name=POISON).encode())
    with Running(sqlite, CountingViews(topic, name, poison=()), ThingDecoder(), engine):
        wait_until(lambda: handled(engine) == 2, "counted")
    with pytest.raises(RebuildError, match=r"at least 1 events .* cannot digest poison"):
        run(sqlite, topic, name)
    assert views(engine) == {"a": 1, POISON: 1}


def test_a_service_that_handles_other_records_now_than_those_it_has_counted_keeps_its_numbers(
    settings: Settings, topic: str, feed: Feed, readers: Engine
) -> None:
    name, things = group_name(), [POISON] * 5 + ["a"] * 10 + ["b"] * 5
    feed.send(topic, *(Thing(name=each).encode() for each in things))
    counted(settings, topic, name, readers, 20)
    with pytest.raises(RebuildError, match=r"at least 5 events .* cannot digest b"):
        rebuild(settings, CountingViews(topic, name, poison=("b",)), ThingDecoder(), threading.Event())
    assert views(readers) == {"a": 10, "b": 5}


def test_what_died_before_and_dies_again_is_excused_though_its_letter_is_not_kept_any_more(
    sqlite: Settings, topic: str, feed: Feed, opened: Opened
) -> None:
    name, engine = group_name(), opened(sqlite, OWNER)
    feed.send(topic, *(Thing(name=each).encode() for each in [POISON, POISON, "a"]))
    counted(sqlite, topic, name, engine, 3)
    client = AdminClient({"bootstrap.servers": sqlite.bootstrap_servers})
    letters = TopicPartition(f"{topic}.dlq", 0, 1)
    client.delete_records([letters])[letters].result(10)
    assert run(sqlite, topic, name).dead == 2
    assert views(engine) == {"a": 1}
    feed.send(topic, Thing(name="b").encode())
    counted(sqlite, topic, name, engine, 4)
    with pytest.raises(RebuildError, match=r"at least 1 events .* cannot digest b"):
        rebuild(sqlite, CountingViews(topic, name, poison=("b",)), ThingDecoder(), threading.Event())
    assert views(engine) == {"a": 1, "b": 1}


def test_an_event_that_can_be_handled_by_now_and_was_replayed_from_the_dead_letters_days_later_counts_once(
    sqlite: Settings, topic: str, opened: Opened
) -> None:
    name, engine, days = group_name(), opened(sqlite, OWNER), 86_400_000
    poison, now = Thing(name=POISON), int(time.time() * 1000)
    producer = Producer(client_config(sqlite))
    producer.produce(topic, poison.encode(), partition=0, timestamp=now - 4 * days)
    for _ in range(300):
        producer.produce(topic, Thing(name="a").encode(), partition=0, timestamp=now - 2 * days)
    producer.produce(topic, poison.encode(), partition=0, timestamp=now)
    producer.flush(10)
    counted(sqlite, topic, name, engine, 302)
    assert totals(engine) == (300, 2)
    rebuild(sqlite, CountingViews(topic, name, poison=()), ThingDecoder(), threading.Event())
    assert views(engine) == {"a": 300, POISON: 1}
    with engine.connect() as connection:
        kept = connection.execute(select(func.count()).select_from(SEEN_EVENTS)).scalar_one()
    assert kept < 300


def test_an_event_that_a_rebuild_has_counted_is_known_when_its_dead_letter_is_replayed_long_after_the_window(
    sqlite: Settings, topic: str, opened: Opened
) -> None:
    name, engine, days = group_name(), opened(sqlite, OWNER), 86_400_000
    poison, now = Thing(name=POISON), int(time.time() * 1000)
    producer = Producer(client_config(sqlite))
    producer.produce(topic, poison.encode(), partition=0, timestamp=now - 4 * days)
    producer.produce(topic, GARBAGE, partition=0, timestamp=now - 4 * days)
    producer.produce(topic, Thing(name="a").encode(), partition=0, timestamp=now - 2 * days)
    producer.flush(10)
    counted(sqlite, topic, name, engine, 3)
    service = CountingViews(topic, name, poison=())
    rebuild(sqlite, service, ThingDecoder(), threading.Event())
    assert views(engine) == {"a": 1, POISON: 1}
    # Each batch forgets what is older than the window.
    producer.produce(topic, Thing(name="b").encode(), partition=0, timestamp=now)
    producer.flush(10)
    with Running(sqlite, service, ThingDecoder(), engine):
        wait_until(lambda: handled(engine) == 4, "counted")
        actor = Actor(name="somebody", via="cli")
        order = Order(selection=Selection(topics=(topic,)), actor=actor, most=10, dry_run=False)
        report = Desk(sqlite, opened(sqlite, "dead_letters")).carry_out(REPLAY, order)
        assert report.count(Fate.REPLAYED) == 2
        wait_until(lambda: handled(engine) == 6, "read again")
    assert views(engine) == {"a": 1, "b": 1, POISON: 1}


def test_a_service_that_lags_knows_after_a_rebuild_what_it_had_read_within_the_window(
    sqlite: Settings, topic: str, opened: Opened
) -> None:
    name, engine, days = group_name(), opened(sqlite, OWNER), 86_400_000
    thing, then = Thing(name="a"), int(time.time() * 1000) - 4 * days
    producer = Producer(client_config(sqlite))
    producer.produce(topic, thing.encode(), partition=0, timestamp=then)
    producer.flush(10)
    counted(sqlite, topic, name, engine, 1)
    run(sqlite, topic, name)
    producer.produce(topic, thing.encode(), partition=0, timestamp=then + 1000)
    producer.flush(10)
    counted(sqlite, topic, name, engine, 2)
    assert views(engine) == {"a": 1}


def test_a_store_into_which_the_service_has_never_read_is_not_its_own(sqlite: Settings, topic: str, feed: Feed) -> None:
    feed.send(topic, Thing(name="a").encode())
    with pytest.raises(RebuildError, match="no member of the service has begun"):
        run(sqlite, topic, group_name())


def test_partitions_are_replayed_in_the_order_of_time(sqlite: Settings, topic: str, feed: Feed, opened: Opened) -> None:
    name, engine = group_name(), opened(sqlite, OWNER)
    for moment in range(12):
        feed.send(topic, *(Thing(name=f"{moment:02}").encode() for _ in range(20)), partition=moment % 3)
        time.sleep(0.002)
    counted(sqlite, topic, name, engine, 240)
    service = CountingViews(topic, name)
    rebuild(sqlite, service, ThingDecoder(), threading.Event())
    replayed = [each for batch in service.batches for each in batch]
    assert replayed == sorted(replayed)
    assert len(replayed) == 240


def test_a_rebuild_goes_on_to_where_the_service_has_come_meanwhile(
    sqlite: Settings, topic: str, feed: Feed, opened: Opened
) -> None:
    name, engine = group_name(), opened(sqlite, OWNER)
    feed.send(topic, *(Thing(name="a").encode() for _ in range(300)))
    with Running(sqlite, CountingViews(topic, name), ThingDecoder(), engine):
        wait_until(lambda: handled(engine) == 300, "counted")

        def meanwhile(read: int, _total: int) -> None:
            if read == 300 and handled(engine) == 300:
                feed.send(topic, *(Thing(name="b").encode() for _ in range(600)))
                wait_until(lambda: handled(engine) == 900, "counted too")

        done = rebuild(sqlite, CountingViews(topic, name), ThingDecoder(), threading.Event(), show=meanwhile)
    assert done.records == 900
    assert views(engine) == {"a": 300, "b": 600}


def test_what_the_service_has_not_handled_yet_is_left_to_it(
    sqlite: Settings, topic: str, feed: Feed, opened: Opened
) -> None:
    name, engine = group_name(), opened(sqlite, OWNER)
    feed.send(topic, *(Thing(name="a").encode() for _ in range(10)), partition=1)
    counted(sqlite, topic, name, engine, 10)
    feed.send(topic, *(Thing(name="b").encode() for _ in range(10)), partition=1)
    assert run(sqlite, topic, name).records == 10
    assert views(engine) == {"a": 10}
    counted(sqlite, topic, name, engine, 20)
    assert views(engine) == {"a": 10, "b": 10}


def test_a_service_that_went_back_while_it_was_rebuilt_keeps_its_numbers(
    sqlite: Settings, topic: str, feed: Feed, opened: Opened
) -> None:
    name, engine = group_name(), opened(sqlite, OWNER)
    feed.send(topic, *(Thing(name="a").encode() for _ in range(10)), partition=1)
    counted(sqlite, topic, name, engine, 10)
    spoil(engine, "a")

    def go_back(_read: int, _total: int) -> None:
        with engine.begin() as tx:
            tx.execute(update(CONSUMER_OFFSETS).where(CONSUMER_OFFSETS.c.next_offset == 10).values(next_offset=4))

    with pytest.raises(RebuildError, match="the service went back"):
        rebuild(sqlite, CountingViews(topic, name), ThingDecoder(), threading.Event(), show=go_back)
    assert views(engine) == {"a": 1010}
    assert handled(engine) == 4


def test_records_that_retention_deletes_while_they_are_replayed_are_named_and_the_old_numbers_stay(
    sqlite: Settings, topic: str, feed: Feed, opened: Opened
) -> None:
    name, engine = group_name(), opened(sqlite, OWNER)
    feed.send(topic, *(Thing(name="a").encode() for _ in range(10)), partition=1)
    counted(sqlite, topic, name, engine, 10)
    client = AdminClient({"bootstrap.servers": sqlite.bootstrap_servers})

    class Interrupted(CountingViews):
        def apply(self, tx: Connection, events: Sequence[Received]) -> None:
            super().apply(tx, events)
            if len(self.batches) == 1:
                client.delete_records([TopicPartition(topic, 1, 4)])[TopicPartition(topic, 1)].result(10)
                # So that all is read once more.
                raise StoreUnavailableError("gone")

    with pytest.raises(RebuildError, match=rf"Gone are: {topic}\[1\]: offsets 0 to 3"):
        rebuild(sqlite, Interrupted(topic, name), ThingDecoder(), threading.Event())
    assert views(engine) == {"a": 10}


def test_a_registry_that_is_away_while_dead_letters_are_looked_up_ends_the_rebuild(
    sqlite: Settings, topic: str, feed: Feed, opened: Opened
) -> None:
    name, engine = group_name(), opened(sqlite, OWNER)
    feed.send(topic, Thing(name="a").encode(), Thing(name=POISON).encode())
    counted(sqlite, topic, name, engine, 2)
    service, decoder = CountingViews(topic, name, poison=()), GoingAway(2)
    with pytest.raises(RegistryUnavailableError):
        rebuild(sqlite, service, decoder, threading.Event())
    assert views(engine) == {"a": 1}


def test_an_event_whose_dead_letter_was_replayed_and_not_read_yet_counts_once_after_a_rebuild(
    sqlite: Settings, topic: str, opened: Opened
) -> None:
    name, engine, days = group_name(), opened(sqlite, OWNER), 86_400_000
    producer = Producer(client_config(sqlite))
    poison = Thing(name=POISON)
    producer.produce(topic, poison.encode(), partition=0, timestamp=int(time.time() * 1000) - 4 * days)
    producer.produce(topic, Thing(name="a").encode(), partition=0)
    producer.flush(10)
    counted(sqlite, topic, name, engine, 2)
    order = Order(selection=Selection(topics=(topic,)), actor=Actor(name="me", via="cli"), most=10, dry_run=False)
    assert Desk(sqlite, opened(sqlite, "dead_letters")).carry_out(REPLAY, order).count(Fate.REPLAYED) == 1
    service = CountingViews(topic, name, poison=())
    rebuild(sqlite, service, ThingDecoder(), threading.Event())
    assert views(engine) == {"a": 1, POISON: 1}
    with Running(sqlite, service, ThingDecoder(), engine):
        wait_until(lambda: handled(engine) == 3, "the replayed one is read")
    assert views(engine) == {"a": 1, POISON: 1}


def test_a_second_rebuild_of_the_same_service_is_refused(settings: Settings) -> None:
    with shadow_of(settings, OWNER), pytest.raises(AlreadyRunningError), shadow_of(settings, OWNER):
        pass


def test_a_rebuild_that_is_stopped_changes_nothing_and_leaves_nothing(
    sqlite: Settings, topic: str, feed: Feed, opened: Opened
) -> None:
    name, engine, stop = group_name(), opened(sqlite, OWNER), threading.Event()
    feed.send(topic, Thing(name="a").encode())
    counted(sqlite, topic, name, engine, 1)
    stop.set()
    with pytest.raises(RebuildError, match="stopped before the end"):
        rebuild(sqlite, CountingViews(topic, name), ThingDecoder(), stop)
    assert views(engine) == {"a": 1}
    assert not list((sqlite.home / "store").glob("*.shadow.sqlite3*"))


def test_latencies_are_those_of_the_live_service_and_not_of_the_replay(
    settings: Settings, topic: str, traffic: Traffic, opened: Opened
) -> None:
    name, engine = group_name(), opened(settings, OWNER)
    traffic.send(50)
    counted(settings, topic, name, engine, traffic.records)
    with engine.begin() as tx:
        tx.execute(update(EVENT_LATENCY).values(total=EVENT_LATENCY.c.total + 1000))
    before = latencies(engine)
    assert before
    run(settings, topic, name)
    assert latencies(engine) == before


def latencies(engine: Engine) -> dict[tuple[str, int], int]:
    with engine.connect() as connection:
        rows = connection.execute(select(EVENT_LATENCY)).all()
    return {(row.event_type, row.le_ms): row.total for row in rows}
