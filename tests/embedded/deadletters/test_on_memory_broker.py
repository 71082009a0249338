from __future__ import annotations

from dataclasses import replace

import pytest

from hangarstack.broker.admin import Admin
from hangarstack.settings import Settings
from tests.support.deadletter_suite import DeadLetterSuite


class TestOnMemoryBroker(DeadLetterSuite):
    @pytest.fixture
    def settings(self, memory_settings: Settings) -> Settings:
        # Its rebalances take as long as a session, which must outlast a first join.
        return replace(memory_settings, session_timeout_ms=4000)

    @pytest.fixture
    def topic(self, settings: Settings) -> str:
        admin = Admin(settings)
        for name in ("things", "things.dlq", "things.dlq.quarantine"):
            admin.metadata(name)
        return "things"
