from __future__ import annotations

from dataclasses import replace

import pytest

from hangarstack.broker.embedded.memory import MemoryBroker
from hangarstack.settings import Settings
from tests.embedded.producers.relay_suite import RelaySuite


class TestRelayOnSqliteAndTheMemoryBroker(RelaySuite):
    @pytest.fixture
    def settings(self, sqlite_settings: Settings, memory_broker: MemoryBroker) -> Settings:
        return replace(sqlite_settings, broker="memory", bootstrap_servers=memory_broker.bootstrap_servers)
