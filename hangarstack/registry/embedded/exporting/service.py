"""The exporters of one server: it takes those that no other server runs, and gives each a thread."""

from __future__ import annotations

import contextlib
import logging
import threading
import uuid
from typing import Final

from hangarstack.errors import HangarStackError
from hangarstack.registry.deadline import Deadline
from hangarstack.registry.embedded.exporting import records
from hangarstack.registry.embedded.exporting.records import LEASE_MS, PAUSED, Exporter
from hangarstack.registry.embedded.exporting.worker import Worker
from hangarstack.registry.embedded.store import Store
from hangarstack.settings import Settings

_LOOK_S: Final = 0.3
_STOP_S: Final = 1.0
_RENEW_MS: Final = LEASE_MS // 2

_log = logging.getLogger(__name__)


class ExporterService:
    """Runs exporters in the background.

    Args:
        store: the registry's file, on connections that nobody else uses.
        settings: the time-out of calls.
    """

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._settings = settings
        self._owner = uuid.uuid4().hex
        self._workers: dict[str, Worker] = {}
        self._ending: list[Worker] = []
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="exporters", daemon=True)

    def start(self) -> None:
        """Start the thread that looks for exporters."""
        self._thread.start()

    def stop(self) -> None:
        """End all threads and let other servers have the exporters.

        Blocks for about a second at most. A call that takes longer is left: whoever goes on makes it again.
        """
        self._stopping.set()
        deadline = Deadline(_STOP_S)
        with contextlib.suppress(TimeoutError):
            self._thread.join(deadline.left())
            for worker in self._workers.values():
                worker.stop()
            for worker in (*self._workers.values(), *self._ending):
                worker.join(deadline.left())
        try:
            if self._workers:
                with self._store.write() as db:
                    records.release(db, self._owner)
        except HangarStackError as error:
            _log.warning("exporters: their lease ends by itself: %s", error)
        self._store.close()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._look()
            except HangarStackError as error:
                _log.warning("exporters: %s", error)
            except Exception:  # noqa: BLE001 - exporters must not end for good, and a person needs the traceback
                _log.exception("exporters")
            self._stopping.wait(_LOOK_S)

    def _look(self) -> None:
        with self._store.read() as db:
            found = records.everything(db)
        wanted = [each for each in found if each.state != PAUSED]
        if any(self._should_lease(each) for each in wanted):
            wanted = self._leased()
        mine = {each.name: each for each in wanted if each.owner == self._owner}
        for name, worker in list(self._workers.items()):
            held = mine.get(name)
            if held is None or held.epoch != worker.exporter.epoch or not worker.is_alive:
                worker.stop()
                self._ending.append(self._workers.pop(name))
        self._ending = [each for each in self._ending if each.is_alive]
        for name, exporter in mine.items():
            if name not in self._workers:
                self._workers[name] = Worker(self._store, exporter, self._settings)
                self._workers[name].start()

    def _should_lease(self, exporter: Exporter) -> bool:
        return exporter.is_free or (exporter.owner == self._owner and exporter.lease_ms < _RENEW_MS)

    def _leased(self) -> list[Exporter]:
        with self._store.write() as db:
            for each in records.everything(db):
                if each.state != PAUSED and (each.is_free or each.owner == self._owner):
                    records.lease(db, each, self._owner)
            return [each for each in records.everything(db) if each.state != PAUSED]
