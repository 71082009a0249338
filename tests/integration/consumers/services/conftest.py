"""Each test of a service runs on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hangarstack.consumers.runtime.service import Service
from hangarstack.settings import Settings
from tests.integration.consumers.services.harness import Harness, Start
from tests.support.stores import Opened


@pytest.fixture
def start(store_settings: Settings, opened: Opened) -> Start:
    """Start a service on its migrated, empty store."""

    def start_(make: Callable[..., Service]) -> Harness:
        service = make()
        return Harness(service, opened(store_settings, service.owner))

    return start_
