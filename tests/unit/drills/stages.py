"""A stage for tests of what plays on it: no broker is there, and the store is empty."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import create_engine

from drills.stage import Stage
from hangarstack.settings import Settings


def nowhere(home: Path) -> Stage:
    """Return a stage on which events are accepted and never delivered."""
    settings = Settings(home=home, bootstrap_servers="127.0.0.1:1")
    engine = create_engine("sqlite://")
    return Stage(settings=settings, topic="t", seed=1, engine=engine, tell=lambda _what, _share: None)
