from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from confluent_kafka import KafkaError
from sqlalchemy import Connection, Engine, insert

from hangarstack.broker.embedded.memory import MemoryBroker
from hangarstack.producers import lanes
from hangarstack.producers.client import Report
from hangarstack.producers.outbox import OUTBOX, append
from hangarstack.producers.record import Headers
from hangarstack.producers.relay import LEAD_S, RELAY_LEASE, Relay
from hangarstack.settings import Settings
from tests.embedded.producers.relay_suite import RelaySuite
from tests.embedded.producers.updates import CODEC, an_update, outbox, pending, write
from tests.unit.producers.fakes import FakeClient, FakeIds, Sent, until

_WINDOW = 2_000


class TestRelayOnSqliteAndTheMemoryBroker(RelaySuite):
    @pytest.fixture
    def settings(self, sqlite_settings: Settings, memory_broker: MemoryBroker) -> Settings:
        return replace(sqlite_settings, broker="memory", bootstrap_servers=memory_broker.bootstrap_servers)


class Clients:
    """Fake clients, one for each time that a relay leads."""

    def __init__(self, **how: Any) -> None:
        self.made: list[FakeClient] = []
        self._how = how

    def __call__(self) -> FakeClient:
        self.made.append(FakeClient(**self._how))
        return self.made[-1]


@contextmanager
def relaying(settings: Settings, clients: Callable[[], FakeClient]) -> Iterator[Relay]:
    """Run a relay until the block ends."""
    relay, stop = Relay(settings, ids=FakeIds(), client=clients), threading.Event()
    thread = threading.Thread(target=relay.run, args=(stop,))
    thread.start()
    try:
        yield relay
    finally:
        stop.set()
        thread.join()


@pytest.fixture
def engine(store_settings: Settings) -> Iterator[Engine]:
    with outbox(store_settings) as engine:
        yield engine


def versions(client: FakeClient) -> list[int]:
    return [CODEC.decode(CODEC.version, sent.value[5:]).version for sent in client.delivered]


def another_leads(engine: Engine) -> None:
    """Give the lead to a relay that keeps it for some seconds."""
    with engine.begin() as tx:
        another_leads_in(tx)


def another_leads_in(tx: Connection) -> None:
    """Do that within a transaction."""
    tx.execute(RELAY_LEASE.delete())
    until_us = int((time.time() + LEAD_S) * 1e6)
    tx.execute(insert(RELAY_LEASE).values(name="relay", holder="another", until_us=until_us))


def aged(engine: Engine, seconds: Mapping[int, int]) -> None:
    """Let the updates have been accepted so many seconds ago, by their place in the outbox from 1 on."""
    with engine.begin() as tx:
        for number, age_s in seconds.items():
            accepted_us = int((time.time() - age_s) * 1e6)
            tx.execute(OUTBOX.update().where(OUTBOX.c.id == number).values(accepted_us=accepted_us))


def test_a_relay_connects_before_the_first_event_comes(store_settings: Settings) -> None:
    clients = Clients()
    with relaying(store_settings, clients):
        until(lambda: clients.made and clients.made[0].connected == 1)


def test_a_backlog_larger_than_what_is_taken_up_at_once_is_relayed_oldest_first(
    store_settings: Settings, engine: Engine
) -> None:
    count = _WINDOW + 200
    # In several transactions: the store ends one that takes more than a few seconds.
    for start in range(0, count, 200):
        with engine.begin() as tx:
            for version in range(start, start + 200):
                append(tx, an_update("an-aircraft", version))
    clients = Clients(respond=lambda _sent: None)
    with relaying(store_settings, clients):
        until(lambda: not pending(engine), 60)
    assert versions(clients.made[0]) == list(range(count))


@pytest.mark.parametrize(
    ("aircraft", "each"),
    [(1, _WINDOW), (_WINDOW // 50, 50), (_WINDOW + 1, 1)],
    ids=["of one", "of many", "of more than are taken up at once"],
)
def test_refused_updates_with_many_behind_them_hold_up_no_other_aircraft(
    store_settings: Settings, engine: Engine, aircraft: int, each: int
) -> None:
    def refused(sent: Sent) -> KafkaError | None:
        event = CODEC.decode(CODEC.version, sent.value[5:])
        return None if event.aircraft_id == "another" else KafkaError(KafkaError.MSG_SIZE_TOO_LARGE)

    updates = [(f"one-{number}", version) for number in range(aircraft) for version in range(each)]
    # In several transactions: the store ends one that takes more than a few seconds.
    for start in range(0, len(updates), 200):
        with engine.begin() as tx:
            for update in updates[start : start + 200]:
                append(tx, an_update(*update))
    write(engine, [("another", 1)])
    clients = Clients(respond=refused)
    with relaying(store_settings, clients) as relay:
        until(lambda: clients.made and versions(clients.made[0]) == [1], 30)
        until(lambda: pending(engine) == len(updates))
        until(lambda: relay.status()[1]["pending"] == len(updates))


def test_updates_behind_one_that_is_refused_for_long_arrive_in_their_order_once_it_is_taken(
    store_settings: Settings, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lanes, "PARKED_S", 0.3)
    mended = threading.Event()

    def refused(sent: Sent) -> KafkaError | None:
        event = CODEC.decode(CODEC.version, sent.value[5:])
        is_refused = event.version == 0 and not mended.is_set()
        return KafkaError(KafkaError.MSG_SIZE_TOO_LARGE) if is_refused else None

    write(engine, [("one", version) for version in range(150)])
    clients = Clients(respond=refused)
    with relaying(store_settings, clients) as relay:
        until(lambda: "1 events are kept apart" in str(relay.status()[1]["problems"]))
        # What comes of others makes the relay look at the outbox again.
        for version in (1_000, 1_001):
            write(engine, [("another", version)])
            until(lambda: pending(engine) == 150)
        until(lambda: relay.status()[1]["pending"] == 150)
        mended.set()
        until(lambda: not pending(engine))
        until(lambda: relay.status()[1]["pending"] == 0)
    assert versions(clients.made[0]) == [1_000, 1_001, *range(150)]


def sent(client: FakeClient) -> list[tuple[str, int]]:
    """Return the updates that the broker has been sent and has not answered."""
    events = [CODEC.decode(CODEC.version, each.value[5:]) for each in client.queue]
    return [(event.aircraft_id, event.version) for event in events]


@pytest.mark.parametrize("refusal", [KafkaError.TOPIC_AUTHORIZATION_FAILED, KafkaError.INVALID_RECORD])
def test_an_update_is_sent_when_the_one_before_it_has_arrived_however_often_that_was_refused(
    store_settings: Settings, engine: Engine, refusal: int
) -> None:
    write(engine, [("one", 1), ("one", 2), ("another", 1)])
    clients = Clients()
    with relaying(store_settings, clients):
        until(lambda: clients.made and len(clients.made[0].queue) == 2)
        client = clients.made[0]
        assert sent(client) == [("one", 1), ("another", 1)]
        client.answer(KafkaError(refusal), count=1)
        client.answer()
        write(engine, [("one", 3)])
        until(lambda: sent(client) == [("one", 1)])
        for version in (1, 2, 3):
            until(lambda version=version: sent(client) == [("one", version)])  # type: ignore[misc]  # no default inferred
            client.answer()
        until(lambda: not pending(engine))


def test_an_update_that_stays_refused_holds_up_its_aircraft_and_no_other(
    store_settings: Settings, engine: Engine
) -> None:
    def refuse_one(each: Sent) -> KafkaError | None:
        version = CODEC.decode(CODEC.version, each.value[5:]).version
        return KafkaError(KafkaError.MSG_SIZE_TOO_LARGE) if version == 7 else None

    write(engine, [("one", 7), ("one", 8), ("another", 1), ("another", 2)])
    clients = Clients(respond=refuse_one)
    with relaying(store_settings, clients) as relay:
        until(lambda: pending(engine) == 2)
        until(lambda: "1 events are kept apart" in str(relay.status()[1]["problems"]))
        assert versions(clients.made[0]) == [1, 2]
        assert relay.status()[1]["pending"] == 2


class LateClient(FakeClient):
    """A broker that acknowledges when the relay waits for it at its end, and not before."""

    def flush(self, timeout_s: float) -> None:
        self.answer()
        super().flush(timeout_s)


def test_what_is_acknowledged_at_the_very_end_leaves_the_outbox_too(store_settings: Settings, engine: Engine) -> None:
    write(engine, [("an-aircraft", 1)])
    client = LateClient()
    with relaying(store_settings, lambda: client):
        until(lambda: client.queue)
        assert pending(engine) == 1
    assert pending(engine) == 0


def test_a_leader_that_another_has_overtaken_sends_nothing_more_and_withdraws_what_is_under_way(
    store_settings: Settings, engine: Engine
) -> None:
    clients = Clients()
    write(engine, [("an-aircraft", 1)])
    with relaying(store_settings, clients) as relay:
        until(lambda: clients.made and len(clients.made[0].queue) == 1)
        another_leads(engine)
        write(engine, [("an-aircraft", 2)])
        until(lambda: relay.status()[1]["state"] == "standing by")
        assert (len(clients.made), clients.made[0].closed, len(clients.made[0].queue)) == (1, 1, 0)
        until(lambda: relay.status()[1]["pending"] == 2)
    assert pending(engine) == 2


def test_one_that_stands_by_tells_how_much_waits_and_for_how_long(store_settings: Settings, engine: Engine) -> None:
    another_leads(engine)
    write(engine, [("an-aircraft", 1)])
    with relaying(store_settings, Clients()) as relay:
        until(lambda: relay.status()[1]["pending"] == 1)
        ready, details = relay.status()
        assert ready
        assert details["state"] == "standing by"
        assert 0 < float(str(details["lag_s"])) < 10


class NotingClient(FakeClient):
    """Notes the updates that it is given, and takes its time for one of them."""

    def __init__(self) -> None:
        super().__init__()
        self.given: list[tuple[str, int]] = []
        self.takes_s = 0.0
        """Seconds for the next one."""

    def produce(self, topic: str, value: bytes, key: bytes, headers: Headers, report: Report) -> None:
        event = CODEC.decode(CODEC.version, value[5:])
        self.given.append((event.aircraft_id, event.version))
        takes_s, self.takes_s = self.takes_s, 0.0
        time.sleep(takes_s)
        super().produce(topic, value, key, headers, report)


def test_a_leader_that_another_has_overtaken_takes_up_no_event_of_any_aircraft(
    store_settings: Settings, engine: Engine
) -> None:
    client = NotingClient()
    write(engine, [("one", 1)])
    with relaying(store_settings, lambda: client) as relay:
        until(lambda: client.given)
        with engine.begin() as tx:
            another_leads_in(tx)
            append(tx, an_update("another", 1))
        until(lambda: relay.status()[1]["state"] == "standing by")
        assert client.given == [("one", 1)]


def test_a_leader_that_is_held_up_for_longer_than_its_lease_takes_up_nothing_more(sqlite_settings: Settings) -> None:
    clients: list[NotingClient] = []

    def make() -> NotingClient:
        clients.append(NotingClient())
        return clients[-1]

    with outbox(sqlite_settings) as engine:
        write(engine, [("one", 1)])
        with relaying(sqlite_settings, make):
            until(lambda: clients and clients[0].queue)
            clients[0].answer()
            clients[0].takes_s = LEAD_S + 0.2
            with engine.begin() as tx:
                append(tx, an_update("another", 1))
                append(tx, an_update("a-third", 1))
            until(lambda: len(clients) == 2 and len(clients[1].given) == 2, LEAD_S + 10)
    assert [client.given for client in clients] == [[("one", 1), ("another", 1)], [("another", 1), ("a-third", 1)]]


def test_a_leader_that_has_no_database_for_longer_than_its_lease_lets_go_of_what_is_under_way(
    sqlite_settings: Settings,
) -> None:
    client = FakeClient()
    with outbox(sqlite_settings) as engine:
        write(engine, [("an-aircraft", 1)])
        with relaying(sqlite_settings, lambda: client) as relay:
            until(lambda: client.queue)
            RELAY_LEASE.drop(engine)
            until(lambda: client.closed, LEAD_S + 10)
            assert relay.status()[1]["state"] == "without database"
            assert not client.queue


def lag_metric(relay: Relay) -> float:
    return next(sample.value for sample in relay.samples() if sample.name == "outbox_lag_seconds")


@pytest.mark.parametrize("leads", [True, False])
def test_the_lag_is_the_age_of_the_oldest_event_that_has_not_arrived(
    store_settings: Settings, engine: Engine, leads: bool
) -> None:
    write(engine, [("one", 1), ("another", 1), ("one", 2)])
    aged(engine, {1: 300, 2: 200, 3: 100})
    if not leads:
        another_leads(engine)
    clients = Clients()
    with relaying(store_settings, clients) as relay:
        until(lambda: relay.status()[1]["pending"] == 3)
        assert 300 <= lag_metric(relay) < 310
        assert 300 <= float(str(relay.status()[1]["lag_s"])) < 310
        if leads:
            until(lambda: len(clients.made[0].queue) == 2)
            clients.made[0].answer(count=1)
            until(lambda: relay.status()[1]["pending"] == 2)
            assert 200 <= lag_metric(relay) < 210


def test_what_has_arrived_waits_no_more_though_the_database_takes_no_writes(sqlite_settings: Settings) -> None:
    clients = Clients()
    with outbox(sqlite_settings) as engine:
        write(engine, [("one", 1), ("another", 1), ("a-third", 1)])
        with relaying(sqlite_settings, clients) as relay:
            until(lambda: clients.made and len(clients.made[0].queue) == 3)
            with engine.begin():
                clients.made[0].answer(count=2)
                assert (relay.status()[1]["pending"], pending(engine)) == (1, 3)
                time.sleep(0.2)
                assert (relay.status()[1]["pending"], pending(engine)) == (1, 3)


class TardyClient(FakeClient):
    """A broker whose acknowledgements come when the client is closed, and not before."""

    def close(self) -> None:
        self.answer()
        super().close()


def test_what_is_known_to_have_arrived_is_not_sent_again_by_a_relay_that_leads_anew(
    store_settings: Settings, engine: Engine
) -> None:
    clients: list[TardyClient] = []

    def make() -> TardyClient:
        clients.append(TardyClient())
        return clients[-1]

    write(engine, [("an-aircraft", 1)])
    with relaying(store_settings, make):
        until(lambda: clients and clients[0].queue)
        another_leads(engine)
        until(lambda: not pending(engine), LEAD_S + 5)
    assert [versions(client) for client in clients] == [[1], []]
