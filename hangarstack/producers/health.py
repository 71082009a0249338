"""A process's reports on itself: that it has started, lives, has failed, has stopped."""

from __future__ import annotations

import os
import socket
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Final, Protocol

import psutil
import structlog

from hangarstack.errors import HangarStackError
from hangarstack.events import SYSTEM_EVENT, ErrorDetail, Kind, Severity, SystemEvent
from hangarstack.events.runtime.ids import new_event_id, now
from hangarstack.producers.producer import EventProducer
from hangarstack.settings import Settings
from hangarstack.telemetry.logs import hide_passwords

HEARTBEAT_S: Final = 15.0
"""Seconds between two heartbeats."""
ERRORS_PER_MINUTE: Final = 10
"""More errors than this in a minute are counted in the next heartbeat, not reported one by one."""

_STACK_LENGTH: Final = 4000
_SPOOL_BYTES: Final = 1024 * 1024
_CLOSE_S: Final = 1.0
_log = structlog.get_logger(__name__)


class Publisher(Protocol):
    """What accepts the reports; ``EventProducer`` does."""

    def publish(self, event: SystemEvent) -> None:
        """Accept the event without blocking.

        Raises:
            HangarStackError: it is not accepted.
        """


class HealthReporter:
    """Publishes ``SystemEvent`` for one process: STARTED, a HEARTBEAT each interval, ERROR, STOPPED.

    A report that is not accepted is logged and forgotten: reporting never breaks what is reported on. Heartbeats
    carry ``rss_bytes``, ``cpu_seconds``, ``suppressed_errors`` and what ``gauges`` returns.

    Args:
        publisher: where the reports go.
        component: the part of the platform, such as ``popularity``.
        gauges: more measurements by name, asked at each heartbeat on the reporter's thread; must not block.
        interval_s: seconds between two heartbeats.
        monotonic: seconds that never go back.
    """

    def __init__(
        self,
        publisher: Publisher,
        component: str,
        *,
        gauges: Callable[[], Mapping[str, float]] = dict,
        interval_s: float = HEARTBEAT_S,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._publisher = publisher
        self._component = component
        self._instance = f"{socket.gethostname()}:{os.getpid()}"
        self._gauges = gauges
        self._interval_s = interval_s
        self._monotonic = monotonic
        self._stopping = threading.Event()
        self._errors = _Allowance(ERRORS_PER_MINUTE)
        self._thread = threading.Thread(target=self._beat, name="health", daemon=True)

    def start(self) -> None:
        """Report STARTED and begin the heartbeats on a thread of their own; does not block."""
        self._report(Kind.STARTED, Severity.INFO, "The process has started.", self._measured())
        self._thread.start()

    def error(self, error: BaseException, *, fatal: bool = False) -> None:
        """Report a failure; does not block. Safe to call from any thread.

        Args:
            error: what happened.
            fatal: the process ends because of it.
        """
        if not fatal and not self._errors.take(self._monotonic()):
            return
        stack = "".join(traceback.format_exception(error))[-_STACK_LENGTH:]
        what = error.what if isinstance(error, HangarStackError) else str(error)
        detail = ErrorDetail(
            error_class=type(error).__name__,
            message=hide_passwords(what),
            remedy=(error.remedy or None) if isinstance(error, HangarStackError) else None,
            stack=hide_passwords(stack),
        )
        severity = Severity.CRITICAL if fatal else Severity.ERROR
        self._report(Kind.ERROR, severity, detail.message, {}, detail)

    def stop(self, why: str = "The process stops as it was asked to.") -> None:
        """End the heartbeats and report STOPPED; call before the publisher is closed. Blocks for an instant.

        Args:
            why: one sentence.
        """
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()
        self._report(Kind.STOPPED, Severity.INFO, why, self._measured())

    def _beat(self) -> None:
        while not self._stopping.wait(self._interval_s):
            self._report(Kind.HEARTBEAT, Severity.INFO, "The process lives.", self._measured())

    def _measured(self) -> dict[str, float]:
        process = psutil.Process()
        with process.oneshot():
            cpu, memory = process.cpu_times(), process.memory_info()
        return {
            "rss_bytes": float(memory.rss),
            "cpu_seconds": cpu.user + cpu.system,
            "suppressed_errors": float(self._errors.refused),
            **self._gauges(),
        }

    def _report(
        self,
        kind: Kind,
        severity: Severity,
        message: str,
        metrics: Mapping[str, float],
        error: ErrorDetail | None = None,
    ) -> None:
        event = SystemEvent(
            event_id=new_event_id(),
            occurred_at=now(),
            component=self._component,
            instance=self._instance,
            severity=severity,
            kind=kind,
            message=message,
            metrics=metrics,
            error=error,
        )
        try:
            self._publisher.publish(event)
        except HangarStackError as refused:
            _log.warning("health report not accepted", kind=kind.value, reason=str(refused))


@contextmanager
def reporting(
    settings: Settings, component: str, *, gauges: Callable[[], Mapping[str, float]] = dict
) -> Iterator[HealthReporter]:
    """Report on a process that has no producer of its own, for as long as the block runs.

    An exception that leaves the block is reported as a fatal error first. Leaving waits at most a second for Kafka;
    what it has not acknowledged by then stays spooled for the next process of this component.

    Args:
        settings: where Kafka, the registry and the state directory are.
        component: the part of the platform, such as ``popularity``.
        gauges: as ``HealthReporter`` takes them.

    Raises:
        SpoolError: the spool cannot be opened.
    """
    producer = EventProducer(replace(settings, spool_bytes=_SPOOL_BYTES), component, codecs=[SYSTEM_EVENT])
    try:
        reporter = HealthReporter(producer, component, gauges=gauges)
        reporter.start()
        try:
            yield reporter
        except Exception as error:
            reporter.error(error, fatal=True)
            reporter.stop("The process stops because of an error.")
            raise
        else:
            reporter.stop()
    finally:
        producer.close(_CLOSE_S)


class _Allowance:
    """So many a minute, and how many more were asked for."""

    def __init__(self, per_minute: int) -> None:
        self._per_minute = per_minute
        self._lock = threading.Lock()
        self._minute_ends = 0.0
        self._taken = 0
        self.refused = 0

    def take(self, now_s: float) -> bool:
        with self._lock:
            if now_s >= self._minute_ends:
                self._minute_ends = now_s + 60
                self._taken = 0
            self._taken += 1
            allowed = self._taken <= self._per_minute
            self.refused += not allowed
        return allowed


__all__ = ["ERRORS_PER_MINUTE", "HEARTBEAT_S", "HealthReporter", "Publisher", "reporting"]
