"""Hypothesis strategies for our five events."""

from __future__ import annotations

from datetime import UTC
from typing import Any, Final

from hypothesis import strategies as st

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

_TEXT: Final = st.text(st.characters(codec="utf-8"), max_size=80)
_INT: Final = st.integers(-(2**31), 2**31 - 1)
_LONG: Final = st.integers(-(2**63), 2**63 - 1)
_MAP: Final = st.dictionaries(_TEXT, _TEXT, max_size=3)
_HEAD: Final[dict[str, Any]] = {"event_id": st.uuids(), "occurred_at": st.datetimes(timezones=st.just(UTC))}
_DEVICE: Final = st.builds(
    Device,
    kind=st.sampled_from(DeviceKind),
    viewport_width=st.none() | _INT,
    viewport_height=st.none() | _INT,
)
_DETAIL: Final = st.builds(
    ErrorDetail, error_class=_TEXT, message=_TEXT, remedy=st.none() | _TEXT, stack=st.none() | _TEXT
)
_CHANGE: Final = st.builds(FieldChange, path=_TEXT, before=st.none() | _TEXT, after=st.none() | _TEXT)

EVENTS: Final[st.SearchStrategy[Any]] = st.one_of(
    st.builds(
        AircraftView,
        **_HEAD,
        aircraft_id=_TEXT,
        session_id=_TEXT,
        source=st.sampled_from(ViewSource),
        referrer_url=st.none() | _TEXT,
        client_ip=st.none() | _TEXT,
        user_agent=st.none() | _TEXT,
        duration_ms=st.none() | _LONG,
        device=st.none() | _DEVICE,
        search_id=st.none() | st.uuids(),
        experiments=_MAP,
    ),
    st.builds(
        DataUpdate,
        **_HEAD,
        aircraft_id=_TEXT,
        operation=st.sampled_from(Operation),
        version=_INT,
        changes=st.lists(_CHANGE, max_size=3).map(tuple),
        actor=_TEXT,
        reason=st.none() | _TEXT,
    ),
    st.builds(
        SearchQuery,
        **_HEAD,
        session_id=_TEXT,
        text=_TEXT,
        filters=_MAP,
        result_count=_INT,
        latency_micros=_LONG,
        chosen_aircraft_id=st.none() | _TEXT,
        client_ip=st.none() | _TEXT,
        corrected_text=st.none() | _TEXT,
        page_number=_INT,
    ),
    st.builds(
        SystemEvent,
        **_HEAD,
        component=_TEXT,
        instance=_TEXT,
        severity=st.sampled_from(Severity),
        kind=st.sampled_from(Kind),
        message=_TEXT,
        metrics=st.dictionaries(_TEXT, st.floats(allow_nan=False), max_size=3),
        error=st.none() | _DETAIL,
    ),
    st.builds(
        UserActivity,
        **_HEAD,
        session_id=_TEXT,
        action=st.sampled_from(Action),
        page=_TEXT,
        previous_page=st.none() | _TEXT,
        step=_INT,
        dwell_ms=st.none() | _LONG,
        client_ip=st.none() | _TEXT,
        user_agent=st.none() | _TEXT,
        attributes=_MAP,
    ),
)
"""Any event of ours."""
