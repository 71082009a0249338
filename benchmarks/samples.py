"""One event of each class, as busy as real ones are."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from hangarstack.events import (
    Action,
    AircraftView,
    DataUpdate,
    Device,
    DeviceKind,
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

_ID: Final = UUID("019ac4a1-7c3b-7d10-8f0a-3b1f6f0c2a01")
_SEARCH_ID: Final = UUID("019ac4a1-60d2-7a44-9c55-0f6a8d2b7e11")
_TIME: Final = datetime(2026, 11, 22, 9, 59, 30, 123456, tzinfo=UTC)
_SESSION: Final = "s-5d1c0f6ae2b94c7d"
_AGENT: Final = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"

SAMPLES: Final[tuple[Any, ...]] = (
    AircraftView(
        event_id=_ID,
        occurred_at=_TIME,
        aircraft_id="boeing-747-400",
        session_id=_SESSION,
        source=ViewSource.SEARCH,
        referrer_url="https://hangarstack.example/?q=747",
        client_ip="203.0.113.0",
        user_agent=_AGENT,
        duration_ms=15_321,
        device=Device(kind=DeviceKind.DESKTOP, viewport_width=1920, viewport_height=1080),
        search_id=_SEARCH_ID,
        experiments={"hologram": "wireframe"},
    ),
    DataUpdate(
        event_id=_ID,
        occurred_at=_TIME,
        aircraft_id="boeing-747-400",
        operation=Operation.UPDATED,
        version=7,
        changes=(
            FieldChange(path="dimensions.length_m", before="70.6", after="70.66"),
            FieldChange(path="performance.ceiling_m", before=None, after="13747"),
        ),
        actor="editor",
        reason="The manufacturer's manual says so.",
    ),
    SearchQuery(
        event_id=_ID,
        occurred_at=_TIME,
        session_id=_SESSION,
        text="boing 747",
        filters={"category": "civil"},
        result_count=4,
        latency_micros=812,
        chosen_aircraft_id=None,
        client_ip="203.0.113.0",
        corrected_text="boeing 747",
        page_number=1,
    ),
    SystemEvent(
        event_id=_ID,
        occurred_at=_TIME,
        component="popularity",
        instance="laptop:4711",
        severity=Severity.WARNING,
        kind=Kind.HEARTBEAT,
        message="The database answers slowly.",
        metrics={"lag_records": 12.0, "commit_seconds": 0.031},
        error=ErrorDetail(error_class="StoreUnavailableError", message="The database is locked.", remedy="Wait"),
    ),
    UserActivity(
        event_id=_ID,
        occurred_at=_TIME,
        session_id=_SESSION,
        action=Action.PAGE_VIEW,
        page="/aircraft/<id>",
        previous_page="/",
        step=3,
        dwell_ms=4_210,
        client_ip="203.0.113.0",
        user_agent=_AGENT,
        attributes={"view": "hologram"},
    ),
)
