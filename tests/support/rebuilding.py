"""A service on migrated tables that a test may rebuild, also as a process: ``python -m tests.support.rebuilding``."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Collection, Sequence

from sqlalchemy import Connection, Engine, select

from hangarstack.analytics.popularity import VIEWS
from hangarstack.consumers.runtime.rebuild import rebuild
from hangarstack.consumers.runtime.service import Received
from hangarstack.settings import Settings, environment, load
from hangarstack.store.upsert import Upsert, add
from hangarstack.supervisor.stopping import stop_on_signals
from tests.support.consumers import POISON, CountingService, ThingDecoder

_ADD = Upsert(VIEWS, views=add)
_WORK_S = 0.01


class CountingViews(CountingService):
    """Counts things in a table that the store's migrations have made.

    Args:
        topic: what it reads.
        name: of the service, and so of the group.
        poison: events of these names it cannot handle.
    """

    def __init__(self, topic: str, name: str, *, poison: Collection[str] = (POISON,)) -> None:
        super().__init__(topic, name=name)
        self._poison = poison

    def apply(self, tx: Connection, events: Sequence[Received]) -> None:
        names = [received.event.name for received in events]
        self.batches.append(names)
        rows = [{"grain": 0, "bucket": 0, "aircraft_id": name, "views": n} for name, n in Counter(names).items()]
        _ADD.run(tx, rows)
        for name in names:
            if name in self._poison:
                raise ValueError(f"cannot digest {name}")


class SlowlyCounting(CountingViews):
    """Takes its time within the transaction."""

    def apply(self, tx: Connection, events: Sequence[Received]) -> None:
        super().apply(tx, events)
        time.sleep(_WORK_S)


def views(engine: Engine) -> dict[str, int]:
    """Return how often each thing was counted."""
    with engine.connect() as connection:
        return dict(connection.execute(select(VIEWS.c.aircraft_id, VIEWS.c.views)).all())


def start_rebuild(settings: Settings, topic: str, name: str) -> subprocess.Popen[str]:
    """Rebuild in a process that prints a line for each batch."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.support.rebuilding", topic, name],
        env={**os.environ, **environment(settings)},
        stdout=subprocess.PIPE,
        text=True,
    )


def main(topic: str, name: str) -> None:
    settings = load(os.environ)
    stop = stop_on_signals(settings.drain_s)

    def show(read: int, total: int) -> None:
        sys.stdout.write(f"{read} {total}\n")
        sys.stdout.flush()

    rebuild(settings, SlowlyCounting(topic, name), ThingDecoder(), stop, show=show)


if __name__ == "__main__":
    main(*sys.argv[1:])
