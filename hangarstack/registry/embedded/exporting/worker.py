"""One exporter at work: a thread that does at the destination what is done here, change by change."""

from __future__ import annotations

import logging
import threading
import time
from typing import Final

from hangarstack.errors import HangarStackError, SchemaRefusedError
from hangarstack.registry.embedded.exporting import changes, records
from hangarstack.registry.embedded.exporting.changes import Step
from hangarstack.registry.embedded.exporting.copying import Copier
from hangarstack.registry.embedded.exporting.records import RUNNING, Exporter
from hangarstack.registry.embedded.store import Store
from hangarstack.settings import Settings

_LOOK_S: Final = 0.3
_SAVE_S: Final = 0.5
_FIRST_WAIT_S: Final = 0.5
_LONGEST_WAIT_S: Final = 10.0
_LONGEST_TRACE: Final = 1_000

_log = logging.getLogger(__name__)


class _LostError(Exception):
    """The exporter is another server's now, or was told to do something else."""


class Worker:
    """Runs one exporter until it is stopped or the exporter is told to do something else.

    Args:
        store: the registry's file.
        exporter: leased by this server.
        settings: the time-out of calls.
    """

    def __init__(self, store: Store, exporter: Exporter, settings: Settings) -> None:
        self._store = store
        self.exporter = exporter
        self._destination = exporter.definition.destination
        self._copier = Copier(self._destination.client(settings), exporter.definition.naming)
        self._state = exporter.state
        self._position = exporter.position
        self._trace = exporter.trace
        self._saved = (self._state, self._position, self._trace)
        self._saved_at = 0.0
        self._is_idle = False
        self._put_off: set[int] = set()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"exporter-{exporter.name}", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Ask it to end after the call at hand; does not block."""
        self._stopping.set()

    def join(self, seconds: float) -> None:
        """Wait for its end, at most so many seconds."""
        self._thread.join(seconds)

    @property
    def is_alive(self) -> bool:
        """Tell whether the thread runs."""
        return self._thread.is_alive()

    def _run(self) -> None:
        wait_s, retry_s = 0.0, _FIRST_WAIT_S
        try:
            while not self._stopping.wait(wait_s):
                trouble = self._attempt()
                if trouble:
                    self._tell(trouble)
                    wait_s, retry_s = retry_s, min(retry_s * 2, _LONGEST_WAIT_S)
                else:
                    wait_s, retry_s = (_LOOK_S if self._is_idle else 0.0), _FIRST_WAIT_S
            self._save()
        except (_LostError, HangarStackError):
            # Whoever runs it next begins at what was saved last: a change that is done twice leaves the same.
            _log.debug("exporter %s ends here", self.exporter.name)

    def _attempt(self) -> str:
        """Do the next thing; return what went wrong, nothing when nothing did."""
        try:
            self._advance()
        except HangarStackError as error:
            return f"{error.where}: {error.what}" if error.where else error.what
        except _LostError:
            raise
        except Exception as error:  # noqa: BLE001 - it must not end for good, and a person needs the traceback
            _log.exception("exporter %s", self.exporter.name)
            return f"the exporter failed: {type(error).__name__}"
        return ""

    def _advance(self) -> None:
        step = self._next(self._position)
        self._is_idle = step is None
        if step is None:
            self._catch_up()
            self._state = RUNNING
            self._trace = ""
            self._save()
            return
        try:
            self._do(step)
        except SchemaRefusedError:
            # The log has each change where it was done last, so one that makes way for this may come later: a
            # version is not deleted at the destination before those that refer to it are.
            self._put_off.add(step.position)
        self._position = step.position
        if time.monotonic() - self._saved_at > _SAVE_S:
            self._save()

    def _catch_up(self) -> None:
        """Do what was put off; raises what is still refused first."""
        refused: SchemaRefusedError | None = None
        for position in sorted(self._put_off):
            step = self._next(position - 1)
            try:
                # Another one comes next when it was changed again: it is done there.
                if step is not None and step.position == position:
                    self._do(step)
                self._put_off.remove(position)
            except SchemaRefusedError as error:
                refused = refused or error
        if refused is not None:
            raise refused

    def _do(self, step: Step) -> None:
        if step.action is not None:
            self._copier.do(step.action)
            if not self._put_off:
                self._trace = ""

    def _next(self, position: int) -> Step | None:
        # The transaction ends before the destination is called: nobody here waits for that.
        with self._store.read() as db:
            if not records.is_held(db, self.exporter):
                raise _LostError
            return changes.next_step(db, self.exporter.definition, position)

    def _tell(self, said: str) -> None:
        # The destination may have said anything.
        printable = "".join(each if each.isprintable() else "�" for each in said)
        trace = self._destination.censored(printable)[:_LONGEST_TRACE]
        if trace != self._trace:
            _log.warning("exporter %s: %s", self.exporter.name, trace)
        self._trace = trace
        try:
            self._save()
        except HangarStackError:
            _log.warning("exporter %s: the registry's file cannot be written", self.exporter.name)

    def _save(self) -> None:
        # A restart begins with what was put off first.
        position = min(self._put_off, default=self._position + 1) - 1
        now = (self._state, position, self._trace)
        if now == self._saved:
            return
        with self._store.write() as db:
            if not records.save(db, self.exporter, state=self._state, position=position, trace=self._trace):
                raise _LostError
        self._saved = now
        self._saved_at = time.monotonic()
