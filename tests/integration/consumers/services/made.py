"""Hand-made events, with what a test does not care about filled in."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from hangarstack.consumers.runtime.service import Received
from hangarstack.events import (
    Action,
    AircraftView,
    DataUpdate,
    ErrorDetail,
    FieldChange,
    Kind,
    Operation,
    SearchQuery,
    Severity,
    SystemEvent,
    UserActivity,
    ViewSource,
)
from hangarstack.events.runtime.ids import new_event_id

NOW = datetime(2026, 11, 22, 10, 17, 42, tzinfo=UTC)


def ago(**span: float) -> datetime:
    """Return the time so long before ``NOW``."""
    return NOW - timedelta(**span)


def view(aircraft: str, session: str = "s1", at: datetime = NOW, search_id: uuid.UUID | None = None) -> AircraftView:
    """Return a view of an aircraft."""
    return AircraftView(
        event_id=new_event_id(),
        occurred_at=at,
        aircraft_id=aircraft,
        session_id=session,
        source=ViewSource.DIRECT if search_id is None else ViewSource.SEARCH,
        search_id=search_id,
    )


def activity(
    page: str,
    session: str = "s1",
    at: datetime = NOW,
    *,
    previous: str | None = None,
    action: Action = Action.PAGE_VIEW,
    step: int = 1,
) -> UserActivity:
    """Return one step of a session."""
    return UserActivity(
        event_id=new_event_id(),
        occurred_at=at,
        session_id=session,
        action=action,
        page=page,
        previous_page=previous,
        step=step,
    )


def search(
    text: str,
    at: datetime = NOW,
    *,
    results: int = 3,
    chosen: str | None = None,
    page: int = 1,
    event_id: uuid.UUID | None = None,
) -> SearchQuery:
    """Return a search."""
    return SearchQuery(
        event_id=event_id or new_event_id(),
        occurred_at=at,
        session_id="s1",
        text=text,
        filters={},
        result_count=results,
        latency_micros=900,
        chosen_aircraft_id=chosen,
        page_number=page,
    )


def change(
    aircraft: str,
    version: int,
    *fields: tuple[str, str | None, str | None],
    at: datetime = NOW,
    operation: Operation = Operation.UPDATED,
    reason: str | None = None,
) -> DataUpdate:
    """Return a change of an aircraft."""
    return DataUpdate(
        event_id=new_event_id(),
        occurred_at=at,
        aircraft_id=aircraft,
        operation=operation,
        version=version,
        changes=tuple(FieldChange(path=path, before=before, after=after) for path, before, after in fields),
        actor="editor",
        reason=reason,
    )


def report(
    component: str,
    kind: Kind,
    at: datetime = NOW,
    *,
    instance: str = "host:1",
    severity: Severity = Severity.INFO,
    metrics: Mapping[str, float] | None = None,
    error: ErrorDetail | None = None,
    message: str = "a message",
) -> SystemEvent:
    """Return a component's report on itself."""
    return SystemEvent(
        event_id=new_event_id(),
        occurred_at=at,
        component=component,
        instance=instance,
        severity=severity,
        kind=kind,
        message=message,
        metrics=metrics or {},
        error=error,
    )


def failure(component: str, at: datetime = NOW, *, message: str = "it broke", instance: str = "host:1") -> SystemEvent:
    """Return a component's report of an error."""
    detail = ErrorDetail(error_class="BrokenError", message=message, remedy="Mend it")
    return report(component, Kind.ERROR, at, severity=Severity.ERROR, error=detail, instance=instance)


def received(event: Any) -> Received:
    """Return the event as the runtime hands it over."""
    return Received(event, "topic", 0, 0, int(event.occurred_at.timestamp() * 1000))
