"""What a relay does, whatever the database and the broker; subclasses give ``settings`` that lead to both."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from sqlalchemy import Engine
from structlog.testing import capture_logs

from hangarstack.errors import RegistryUnavailableError
from hangarstack.producers.metrics import DeliveryCollector
from hangarstack.producers.outbox import append, metadata
from hangarstack.producers.relay import LEAD_S
from hangarstack.settings import Settings, environment
from tests.embedded.producers.updates import an_update, arrived, outbox, pending, running, write
from tests.support.kafka import fresh_name
from tests.unit.producers.fakes import FakeIds, until

NOWHERE = "127.0.0.1:1"


@contextmanager
def relay_process(settings: Settings) -> Iterator[subprocess.Popen[bytes]]:
    """Run a relay as a process, and kill it at the end."""
    command = [sys.executable, "-m", "tests.embedded.producers.relaying"]
    process = subprocess.Popen(command, env={**os.environ, **environment(settings)})
    try:
        yield process
    finally:
        process.kill()
        process.wait()


class RelaySuite:
    """The behaviours; the fixture ``settings`` is the subclass's."""

    @pytest.fixture
    def engine(self, settings: Settings) -> Iterator[Engine]:
        with outbox(settings) as engine:
            yield engine

    @pytest.fixture
    def aircraft(self) -> str:
        """An aircraft of this test alone: a shared Kafka keeps the updates of other tests."""
        return fresh_name("aircraft")

    def test_a_committed_event_is_delivered_and_leaves_the_outbox(
        self, settings: Settings, engine: Engine, aircraft: str
    ) -> None:
        write(engine, [(aircraft, 1)])
        with running(settings) as relay:
            until(lambda: not pending(engine))
            assert relay.status()[0]
        assert arrived(settings.bootstrap_servers, {(aircraft, 1)}) == [(aircraft, 1)]

    def test_an_event_of_a_transaction_that_rolled_back_never_was(self, engine: Engine, aircraft: str) -> None:
        with engine.begin() as tx:
            append(tx, an_update(aircraft, 1))
            tx.rollback()
        assert pending(engine) == 0

    def test_the_updates_of_an_aircraft_arrive_in_the_order_of_their_commits(
        self, settings: Settings, engine: Engine, aircraft: str
    ) -> None:
        updates = [(f"{aircraft}-{number % 5}", number) for number in range(300)]
        write(engine, updates[:150])
        with running(settings):
            write(engine, updates[150:])
            until(lambda: not pending(engine), 30)
        found = arrived(settings.bootstrap_servers, set(updates))
        for name in {aircraft_id for aircraft_id, _ in updates}:
            assert [one for one in found if one[0] == name] == [one for one in updates if one[0] == name]

    def test_an_event_is_relayed_within_a_tenth_of_a_second(
        self, settings: Settings, engine: Engine, aircraft: str
    ) -> None:
        waits: list[float] = []
        with running(settings) as relay:
            write(engine, [(aircraft, 0)])
            until(lambda: relay.status()[1]["pending"] == 0 and not pending(engine))
            for version in range(10):
                write(engine, [(aircraft, version)])
                started = time.perf_counter()
                until(lambda: relay.latencies.count == len(waits) + 2)
                waits.append(time.perf_counter() - started)
        assert sorted(waits)[5] < 0.1

    @pytest.mark.usefixtures("engine")
    def test_an_idle_relay_costs_next_to_nothing(self, settings: Settings) -> None:
        with running(settings) as relay:
            until(lambda: relay.status()[0])
            started = time.process_time()
            time.sleep(2)
            assert time.process_time() - started < 0.1

    def test_without_a_broker_events_wait_and_the_next_relay_delivers_them(
        self, settings: Settings, engine: Engine, aircraft: str
    ) -> None:
        updates = [(aircraft, version) for version in range(50)]
        with running(replace(settings, bootstrap_servers=NOWHERE, drain_s=0.1)) as relay:
            write(engine, updates)
            until(lambda: relay.status()[1]["pending"] == 50)
            until(lambda: relay.status()[1]["problems"])
        assert pending(engine) == 50
        with running(settings):
            until(lambda: not pending(engine))
        assert arrived(settings.bootstrap_servers, set(updates)) == updates

    def test_without_a_registry_events_wait(self, settings: Settings, engine: Engine, aircraft: str) -> None:
        ids = FakeIds()
        ids.error = RegistryUnavailableError("no answer")
        write(engine, [(aircraft, 1)])
        with running(settings, ids) as relay:
            until(lambda: relay.status()[1]["problems"])
            assert pending(engine) == 1
            ids.error = None
            until(lambda: not pending(engine))

    def test_a_relay_killed_again_and_again_loses_nothing(
        self, settings: Settings, engine: Engine, aircraft: str
    ) -> None:
        updates = [(f"{aircraft}-{number % 5}", number) for number in range(300)]
        for life in range(0, 300, 150):
            with relay_process(settings):
                write(engine, updates[life : life + 10])
                until(lambda: not pending(engine), 30)
                write(engine, updates[life + 10 : life + 150])
        with running(settings):
            until(lambda: not pending(engine), 30)
        assert set(arrived(settings.bootstrap_servers, set(updates))) == set(updates)

    def test_a_second_relay_stands_by_and_takes_over(self, settings: Settings, engine: Engine, aircraft: str) -> None:
        with ExitStack() as both:
            with ExitStack() as first_alone:
                first = first_alone.enter_context(running(settings))
                until(lambda: first.status()[1]["state"] == "leading")
                second = both.enter_context(running(settings))
                until(lambda: second.status()[1]["state"] == "standing by")
                assert second.status()[0]
            until(lambda: second.status()[1]["state"] == "leading")
            write(engine, [(aircraft, 1)])
            until(lambda: not pending(engine))

    def test_a_frozen_leader_is_replaced_and_what_it_does_when_it_wakes_up_changes_no_order(
        self, settings: Settings, engine: Engine, aircraft: str
    ) -> None:
        updates = [(f"{aircraft}-{number % 3}", number) for number in range(300)]
        with ExitStack() as stack:
            frozen = stack.enter_context(relay_process(settings))
            write(engine, updates[:1])
            until(lambda: not pending(engine), 30)
            second = stack.enter_context(running(settings))
            until(lambda: second.status()[1]["state"] == "standing by")
            write(engine, updates[1:100])
            frozen.send_signal(signal.SIGSTOP)
            write(engine, updates[100:200])
            until(lambda: second.status()[1]["pending"])
            until(lambda: not pending(engine), LEAD_S + 6)
            write(engine, updates[200:250])
            frozen.send_signal(signal.SIGCONT)
            write(engine, updates[250:])
            until(lambda: not pending(engine))
            assert second.status()[1]["state"] == "leading"
        found = list(dict.fromkeys(arrived(settings.bootstrap_servers, set(updates))))
        for name in {aircraft_id for aircraft_id, _ in updates}:
            assert [one for one in found if one[0] == name] == [one for one in updates if one[0] == name]

    def test_a_relay_waits_for_its_tables(self, settings: Settings, engine: Engine, aircraft: str) -> None:
        metadata.drop_all(engine)
        with capture_logs() as lines, running(settings) as relay:
            until(lambda: relay.status()[1]["state"] == "without database")
            assert not relay.status()[0]
            metadata.create_all(engine)
            write(engine, [(aircraft, 1)])
            until(lambda: not pending(engine))
        assert [line["event"] for line in lines].count("outbox cannot be relayed; trying again") == 1

    def test_metrics_tell_how_much_waits_and_for_how_long(
        self, settings: Settings, engine: Engine, aircraft: str
    ) -> None:
        registry, collector = CollectorRegistry(), DeliveryCollector()
        registry.register(collector)
        write(engine, [(aircraft, 1), (aircraft, 2)])
        with running(replace(settings, bootstrap_servers=NOWHERE, drain_s=0.1)) as relay:
            collector.add(relay)
            until(lambda: 'hangarstack_outbox_pending{component="relay"} 2.0' in generate_latest(registry).decode())
            text = generate_latest(registry).decode()
        lag = next(line for line in text.splitlines() if line.startswith("hangarstack_outbox_lag_seconds{"))
        assert float(lag.split()[1]) > 0
        assert 'hangarstack_outbox_database_errors_total{component="relay"} 0.0' in text

    @pytest.mark.usefixtures("engine")
    def test_the_command_relays_and_drains_on_sigterm(self, settings: Settings) -> None:
        process = subprocess.Popen(
            [sys.executable, "-m", "hangarstack", "relay"], env={**os.environ, **environment(settings)}
        )
        run_file = settings.home / "run" / f"relay.{process.pid}.json"
        until(run_file.exists, 30)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0
        assert not run_file.exists()
