from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from hangarstack.broker.embedded.memory import MemoryBroker
from hangarstack.producers.relay import Relay
from hangarstack.settings import Settings
from tests.embedded.producers.relay_suite import RelaySuite
from tests.unit.producers.fakes import FakeClient, FakeIds


class TestRelayOnSqliteAndTheMemoryBroker(RelaySuite):
    @pytest.fixture
    def settings(self, sqlite_settings: Settings, memory_broker: MemoryBroker) -> Settings:
        return replace(sqlite_settings, broker="memory", bootstrap_servers=memory_broker.bootstrap_servers)


def test_a_relay_connects_before_the_first_event_comes(sqlite_settings: Settings) -> None:
    client = FakeClient()
    stop = threading.Event()
    stop.set()
    Relay(sqlite_settings, ids=FakeIds(), client=client).run(stop)
    assert client.connected == 1
