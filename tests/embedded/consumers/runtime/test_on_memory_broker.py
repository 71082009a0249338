from __future__ import annotations

from dataclasses import replace

import pytest

from hangarstack.broker.admin import Admin
from hangarstack.settings import Settings
from tests.support.runtime_suite import RuntimeSuite


class TestOnMemoryBroker(RuntimeSuite):
    @pytest.fixture
    def settings(self, memory_settings: Settings) -> Settings:
        # Its rebalances take as long as a session, which must outlast a first join.
        return replace(memory_settings, session_timeout_ms=4000)

    @pytest.fixture
    def topic(self, settings: Settings) -> str:
        admin = Admin(settings)
        admin.metadata("things")
        admin.metadata("things.dlq")
        return "things"
