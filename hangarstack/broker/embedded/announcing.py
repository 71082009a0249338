"""Where the memory broker of a state directory is, for processes that its starter did not start."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hangarstack.broker.config import memory_broker_file


@contextmanager
def announced(home: Path, bootstrap_servers: str) -> Iterator[None]:
    """Say under ``home``, for as long as the block runs, where a memory broker is.

    Clients whose settings name no broker but ``broker="memory"`` find it there.
    """
    file = memory_broker_file(home)
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_suffix(".new")
    fresh.write_text(bootstrap_servers, encoding="utf-8")
    fresh.replace(file)
    try:
        yield
    finally:
        file.unlink(missing_ok=True)
