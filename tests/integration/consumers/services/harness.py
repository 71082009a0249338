"""A service on a store, without a broker."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine

from hangarstack.consumers.runtime.service import Service
from tests.integration.consumers.services.made import NOW, received


class Harness:
    """Applies events to a service, each call one batch in one transaction."""

    def __init__(self, service: Service, engine: Engine) -> None:
        self.service = service
        self.engine = engine

    def apply(self, *events: Any) -> None:
        """Apply one batch."""
        with self.engine.begin() as tx:
            self.service.apply(tx, [received(event) for event in events])


Start = Callable[[Callable[..., Service]], Harness]


def at_now() -> float:
    """Return the services' clock: ``NOW``."""
    return NOW.timestamp()
