"""Fixtures that every room may use; each plugin gives the tests one part, real or embedded."""

from __future__ import annotations

import importlib.util
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

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
def _heard_hangups() -> Iterator[None]:
    """Let SIGHUP be heard by the tests and their processes: under ``nohup`` they would inherit deafness to it."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)
