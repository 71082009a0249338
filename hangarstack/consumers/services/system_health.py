"""System health: keeps what each process last said of itself, and counts errors per minute."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection

from hangarstack.analytics.buckets import Grain, micros, seconds
from hangarstack.analytics.system_health import HEALTH_MINUTES, INSTANCES, KEPT_S, State
from hangarstack.consumers.runtime.service import Received
from hangarstack.consumers.services.reads import Reads
from hangarstack.consumers.services.retention import MINUTES_KEPT_S, Retention, Rule
from hangarstack.events import SYSTEM_EVENT, Kind, Severity, SystemEvent
from hangarstack.store.upsert import Upsert, add, greatest, known, newest

MESSAGE_LENGTH: Final = 500
"""Messages are kept to so many characters."""

_MERGE_INSTANCE = Upsert(
    INSTANCES,
    state=newest("seen_us"),
    seen_us=greatest,
    started_us=known,
    message=newest("seen_us"),
    metrics=newest("seen_us"),
    error_us=newest("error_us"),
    error=newest("error_us"),
)
_ADD_MINUTES = Upsert(HEALTH_MINUTES, events=add, errors=add, starts=add)

_RULES = (
    Rule(column=HEALTH_MINUTES.c.bucket, keep_s=MINUTES_KEPT_S),
    Rule(column=INSTANCES.c.seen_us, keep_s=KEPT_S, unit=1_000_000),
)
_FAILURES = frozenset({Severity.ERROR, Severity.CRITICAL})


class SystemHealth:
    """The service ``system-health``: authority on ``SystemEvent``.

    Args:
        clock: seconds since 1970; decides what is too old to keep.
    """

    name = "system-health"
    owner = "system_health"
    codecs = (SYSTEM_EVENT,)
    reads = (
        Reads(
            codec=SYSTEM_EVENT,
            fields=(
                "occurred_at",
                "component",
                "instance",
                "severity",
                "kind",
                "message",
                "metrics",
                "error.error_class",
                "error.message",
                "error.remedy",
            ),
        ),
    )

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._retention = Retention(*_RULES, clock=clock)

    def apply(self, tx: Connection, events: Sequence[Received]) -> None:
        """Note a batch of reports; the newest wins, so batches and orders do not matter."""
        reports = sorted((received.event for received in events), key=_time)
        _MERGE_INSTANCE.run(tx, _instances(reports))
        _ADD_MINUTES.run(tx, _minutes(reports))
        self._retention.prune_when_due(tx, events)


def _time(report: SystemEvent) -> datetime:
    return report.occurred_at


def _instances(reports: Iterable[SystemEvent]) -> list[dict[str, Any]]:
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for report in reports:
        at = micros(report.occurred_at)
        row = rows.setdefault(
            (report.component, report.instance),
            {
                "component": report.component,
                "instance": report.instance,
                "started_us": None,
                "metrics": None,
                "error_us": None,
                "error": None,
            },
        )
        row["state"] = (State.STOPPED if report.kind is Kind.STOPPED else State.RUNNING).value
        row["seen_us"] = at
        row["message"] = report.message[:MESSAGE_LENGTH]
        if report.kind is Kind.STARTED:
            row["started_us"] = at
        if report.metrics:
            row["metrics"] = dict(report.metrics)
        if report.error is not None:
            row["error_us"] = at
            row["error"] = [
                report.error.error_class,
                report.error.message[:MESSAGE_LENGTH],
                report.error.remedy,
            ]
    return list(rows.values())


def _minutes(reports: Iterable[SystemEvent]) -> list[dict[str, Any]]:
    rows: dict[tuple[int, str], dict[str, Any]] = {}
    for report in reports:
        key = Grain.MINUTE.start(seconds(report.occurred_at)), report.component
        row = rows.setdefault(key, {"bucket": key[0], "component": key[1], "events": 0, "errors": 0, "starts": 0})
        row["events"] += 1
        row["errors"] += report.severity in _FAILURES
        row["starts"] += report.kind is Kind.STARTED
    return list(rows.values())


__all__ = ["MESSAGE_LENGTH", "SystemHealth"]
