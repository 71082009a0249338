from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from benchmarks.samples import SAMPLES
from hangarstack.errors import DecodeError, EncodeError
from hangarstack.events import AIRCRAFT_VIEW, DATA_UPDATE, SYSTEM_EVENT, FieldChange, Severity

_VIEW, _UPDATE, _, _SYSTEM, _ = SAMPLES


@pytest.mark.parametrize(
    ("changes", "where", "what"),
    [
        ({"event_id": "019ac4a1-7c3b-7d10-8f0a-3b1f6f0c2a01"}, "AircraftView.event_id", "expected UUID, not str"),
        ({"occurred_at": datetime(2026, 1, 1)}, "AircraftView.occurred_at", "not in UTC"),  # noqa: DTZ001 # on purpose
        ({"occurred_at": 5}, "AircraftView.occurred_at", "expected datetime, not int"),
        ({"aircraft_id": None}, "AircraftView.aircraft_id", "expected str, not NoneType"),
        ({"aircraft_id": b"f-16"}, "AircraftView.aircraft_id", "expected str, not bytes"),
        ({"session_id": "\ud800"}, "AircraftView.session_id", "lone surrogate"),
        ({"source": "SEARCH"}, "AircraftView.source", "expected ViewSource, not str"),
        ({"source": Severity.UNKNOWN}, "AircraftView.source", "expected ViewSource, not Severity"),
        ({"duration_ms": 2**63}, "AircraftView.duration_ms", "out of range"),
        ({"duration_ms": True}, "AircraftView.duration_ms", "expected int, not bool"),
        ({"duration_ms": 1.5}, "AircraftView.duration_ms", "expected int, not float"),
        ({"device": {"kind": "BOT"}}, "AircraftView.device", "expected Device, not dict"),
        ({"device": _VIEW.device.replace(viewport_width=2**31)}, "AircraftView.device.viewport_width", "32 bits"),
        ({"experiments": {"a": 1}}, "AircraftView.experiments", "expected str, not int"),
        ({"experiments": {1: "a"}}, "AircraftView.experiments", "expected str, not int"),
        ({"experiments": None}, "AircraftView.experiments", "expected a mapping, not NoneType"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_by_name(changes: dict[str, Any], where: str, what: str) -> None:
    with pytest.raises(EncodeError, match=what) as caught:
        AIRCRAFT_VIEW.encode(_VIEW.replace(**changes))
    assert caught.value.where == where


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"changes": "text"}, "DataUpdate.changes"),
        ({"changes": (1,)}, "DataUpdate.changes"),
        ({"changes": (FieldChange(path=5),)}, "DataUpdate.changes.path"),  # type: ignore[arg-type] # on purpose
        ({"version": 2**31}, "DataUpdate.version"),
    ],
)
def test_a_value_within_an_array_is_refused_by_name(changes: dict[str, Any], where: str) -> None:
    with pytest.raises(EncodeError) as caught:
        DATA_UPDATE.encode(_UPDATE.replace(**changes))
    assert caught.value.where == where


def test_a_number_beyond_a_double_is_refused_by_name() -> None:
    with pytest.raises(EncodeError, match="out of range") as caught:
        SYSTEM_EVENT.encode(_SYSTEM.replace(metrics={"a": 10**400}))
    assert caught.value.where == "SystemEvent.metrics"


def test_another_event_is_refused() -> None:
    with pytest.raises(EncodeError, match="expected AircraftView, not DataUpdate") as caught:
        AIRCRAFT_VIEW.encode(_UPDATE)
    assert caught.value.where == "AircraftView"


def test_errors_never_tell_a_value() -> None:
    secret = "203.0.113.77"  # it stands for personal data
    for changes in ({"duration_ms": secret}, {"event_id": secret}, {"source": secret}, {"device": secret}):
        with pytest.raises(EncodeError) as caught:
            AIRCRAFT_VIEW.encode(_VIEW.replace(**changes))
        assert secret not in str(caught.value)


def _body() -> bytes:
    return AIRCRAFT_VIEW.encode(_VIEW)


def _after(text: str) -> int:
    return _body().index(text.encode()) + len(text)


@pytest.mark.parametrize(
    ("damage", "where", "what"),
    [
        (lambda body: body[:-1], "AircraftView.experiments", "bytes end"),
        (lambda body: body + b"\0", "AircraftView", "1 bytes are left"),
        (lambda body: body[:40], "AircraftView.occurred_at", "bytes end"),
        (lambda body: body[: _after("boeing-747-400") - 3], "AircraftView.aircraft_id", "bytes end"),
        (lambda _: b"", "AircraftView.event_id", "bytes end"),
        (lambda body: body.replace(b"boeing", b"boe\xffng"), "AircraftView.aircraft_id", "UTF-8"),
        (
            lambda body: body[:37] + b"\xff" * 10 + body[45:],
            "AircraftView.occurred_at",
            "64 bits",
        ),
        (lambda body: body.replace(b"\x1cboeing", b"\x1bboeing"), "AircraftView.aircraft_id", "negative"),
        (
            lambda body: body.replace(b"\x1cboeing", b"\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01boeing"),
            "AircraftView.aircraft_id",
            "announced",
        ),
        (
            lambda body: body[: _after("s-5d1c0f6ae2b94c7d")] + b"\x20" + body[_after("s-5d1c0f6ae2b94c7d") + 1 :],
            "AircraftView.source",
            "no symbol",
        ),
        (
            lambda body: body[: _after("s-5d1c0f6ae2b94c7d") + 1] + b"\4" + body[_after("s-5d1c0f6ae2b94c7d") + 2 :],
            "AircraftView.referrer_url",
            "no branch",
        ),
        (
            lambda body: body.replace(b"\2\2\2\x80\x1e", b"\2\2\2\xff\xff\xff\xff\x7f"),
            "AircraftView.device.viewport_width",
            "32 bits",
        ),
        (lambda _: "text", "AircraftView.event_id", "do not hold"),
    ],
)
def test_bytes_that_hold_no_event_are_refused_by_name(damage: Any, where: str, what: str) -> None:
    damaged = damage(_body())
    assert damaged != _body()
    with pytest.raises(DecodeError, match=what) as caught:
        AIRCRAFT_VIEW.decode(3, damaged)
    assert caught.value.where == where


def test_a_version_that_is_unknown_is_refused() -> None:
    with pytest.raises(DecodeError, match="version 4 is unknown"):
        AIRCRAFT_VIEW.decode(4, _body())
