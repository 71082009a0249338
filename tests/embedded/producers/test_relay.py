from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from confluent_kafka import KafkaError
from sqlalchemy import Engine, insert

from hangarstack.broker.embedded.memory import MemoryBroker
from hangarstack.producers.outbox import append
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
        tx.execute(RELAY_LEASE.delete())
        until_us = int((time.time() + LEAD_S) * 1e6)
        tx.execute(insert(RELAY_LEASE).values(name="relay", holder="another", until_us=until_us))


def test_a_relay_connects_before_the_first_event_comes(store_settings: Settings) -> None:
    clients = Clients()
    with relaying(store_settings, clients):
        until(lambda: clients.made and clients.made[0].connected == 1)


def test_a_backlog_larger_than_what_is_taken_up_at_once_is_relayed_oldest_first(
    store_settings: Settings, engine: Engine
) -> None:
    count = _WINDOW + 200
    with engine.begin() as tx:
        for version in range(count):
            append(tx, an_update("an-aircraft", version))
    clients = Clients(respond=lambda _sent: None)
    with relaying(store_settings, clients):
        until(lambda: not pending(engine), 60)
    assert versions(clients.made[0]) == list(range(count))


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
