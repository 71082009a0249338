from __future__ import annotations

import pytest

from hangarstack.broker.admin import Admin
from hangarstack.settings import Settings
from tests.support.runtime_suite import RuntimeSuite


class TestOnMemoryBroker(RuntimeSuite):
    @pytest.fixture
    def settings(self, memory_settings: Settings) -> Settings:
        return memory_settings

    @pytest.fixture
    def topic(self, settings: Settings) -> str:
        admin = Admin(settings)
        admin.metadata("things")
        admin.metadata("things.dlq")
        return "things"
