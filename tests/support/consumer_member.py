"""A member of a group as a process that a test may kill: ``python -m tests.support.consumer_member NAME TOPIC``."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from hangarstack.consumers.runtime.runtime import ConsumerRuntime
from hangarstack.consumers.runtime.service import Received
from hangarstack.settings import Settings, environment, load
from hangarstack.store.engine import open_store
from hangarstack.supervisor.stopping import stop_on_signals
from tests.support.consumers import OWNER, CountingService, ThingDecoder

_WORK_S = 0.004
"""So long a transaction stays open, so that a kill often comes in the middle of one."""


class SlowService(CountingService):
    """Takes its time within the transaction; freezes there, once, when the file ``freeze`` is in its home."""

    def __init__(self, topic: str, *, name: str, home: Path) -> None:
        super().__init__(topic, name=name)
        self._freeze = home / "freeze"

    def apply(self, tx: Connection, events: Sequence[Received]) -> None:
        super().apply(tx, events)
        time.sleep(_WORK_S)
        if self._freeze.exists():
            self._freeze.unlink()
            os.kill(os.getpid(), signal.SIGSTOP)


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberProcess:
    """How to start a member.

    Args:
        settings: its settings; the store's tables must be there.
        name: of the service, and so of the group.
        topic: what it reads.
    """

    settings: Settings
    name: str
    topic: str

    def start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "tests.support.consumer_member", self.name, self.topic],
            env={**os.environ, **environment(self.settings)},
        )


def main(name: str, topic: str) -> None:
    settings = load(os.environ)
    stop = stop_on_signals(settings.drain_s)
    engine = open_store(settings, OWNER)
    ConsumerRuntime(settings, SlowService(topic, name=name, home=settings.home), ThingDecoder(), engine).run(stop)
    engine.dispose()


if __name__ == "__main__":
    main(*sys.argv[1:])
