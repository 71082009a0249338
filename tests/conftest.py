"""Fixtures that every room may use; each plugin gives the tests one part, real or embedded."""

from __future__ import annotations

import importlib.util
from pathlib import Path

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
