"""Fixtures that every room may use; each plugin gives the tests one part, real or embedded."""

from __future__ import annotations

import importlib.util
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# How fast the machine is, and what else it does, says nothing of the code: where time counts a test says so itself.
settings.register_profile("hangarstack", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("hangarstack")

_SUPPORT = Path(__file__).parent / "support"

pytest_plugins = [
    f"tests.support.{name}"
    for name in (
        "requirements",  # first, because the others import it
        "browser",
        "consumers",
        "kafka",
        "kafka_cluster",
        "platform",
        "registry",
        "second_registry",
        "stores",
        "avro_java",
    )
    if importlib.util.find_spec(f"tests.support.{name}")
]


@pytest.fixture(scope="session", autouse=True)
def _heard_signals() -> Iterator[None]:
    """Let the tests and their processes hear signals, to which ``nohup`` or a shell's background makes them deaf."""
    deaf = [one for one in (signal.SIGHUP, signal.SIGINT) if signal.getsignal(one) == signal.SIG_IGN]
    for number in deaf:
        signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
    yield
    for number in deaf:
        signal.signal(number, signal.SIG_IGN)
