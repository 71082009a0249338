from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from hangarstack.errors import RegistryUnavailableError, SpoolFullError
from hangarstack.events import Kind, Severity, SystemEvent
from hangarstack.producers.health import ERRORS_PER_MINUTE, HealthReporter


class _Kept:
    """A publisher that keeps what it accepts, and may refuse."""

    def __init__(self) -> None:
        self.events: list[SystemEvent] = []
        self.full = False
        self._came = threading.Condition()

    def publish(self, event: SystemEvent) -> None:
        if self.full:
            raise SpoolFullError("no room")
        with self._came:
            self.events.append(event)
            self._came.notify_all()

    def wait_for(self, enough: Callable[[], bool]) -> None:
        with self._came:
            assert self._came.wait_for(enough, timeout=10)

    def of(self, kind: Kind) -> list[SystemEvent]:
        return [event for event in self.events if event.kind is kind]


def test_a_process_reports_its_start_its_life_and_its_end() -> None:
    kept = _Kept()
    reporter = HealthReporter(kept, "popularity", gauges=lambda: {"applied_events": 7.0}, interval_s=0.01)
    reporter.start()
    kept.wait_for(lambda: len(kept.of(Kind.HEARTBEAT)) >= 2)
    reporter.stop()
    kinds = [event.kind for event in kept.events]
    assert (kinds[0], kinds[-1]) == (Kind.STARTED, Kind.STOPPED)
    assert set(kinds[1:-1]) == {Kind.HEARTBEAT}
    assert {event.component for event in kept.events} == {"popularity"}
    assert len({event.instance for event in kept.events}) == 1
    metrics = kept.of(Kind.HEARTBEAT)[0].metrics
    assert metrics["rss_bytes"] > 1e6
    assert metrics["cpu_seconds"] > 0
    assert (metrics["applied_events"], metrics["suppressed_errors"]) == (7.0, 0.0)


def test_no_heartbeat_follows_the_end() -> None:
    kept = _Kept()
    reporter = HealthReporter(kept, "web", interval_s=0.005)
    reporter.start()
    reporter.stop()
    count = len(kept.events)
    assert not threading.Event().wait(0.05)
    assert len(kept.events) == count


def test_an_error_carries_what_the_one_who_mends_it_needs() -> None:
    kept = _Kept()
    try:
        raise RegistryUnavailableError("no answer", where="http://me:hunter2@host", remedy="Start the registry")
    except RegistryUnavailableError as error:
        HealthReporter(kept, "web").error(error)
    (event,) = kept.events
    assert (event.kind, event.severity, event.message) == (Kind.ERROR, Severity.ERROR, "no answer")
    assert event.error is not None
    assert (event.error.error_class, event.error.remedy) == ("RegistryUnavailableError", "Start the registry")
    assert event.error.stack is not None
    assert "test_an_error_carries" in event.error.stack


def test_a_fatal_error_is_critical() -> None:
    kept = _Kept()
    HealthReporter(kept, "web").error(ValueError("x"), fatal=True)
    assert kept.events[0].severity is Severity.CRITICAL


def test_a_password_in_an_error_is_not_reported() -> None:
    kept = _Kept()
    HealthReporter(kept, "web").error(ValueError("postgresql://me:hunter2@host refused"))
    assert kept.events[0].error is not None
    assert "hunter2" not in repr(kept.events[0])


def test_a_storm_of_errors_is_counted_not_reported_one_by_one() -> None:
    kept, time_s = _Kept(), 0.0
    reporter = HealthReporter(kept, "web", monotonic=lambda: time_s)
    for _ in range(100):
        reporter.error(ValueError("again"))
    assert len(kept.of(Kind.ERROR)) == ERRORS_PER_MINUTE
    reporter.error(ValueError("the last"), fatal=True)
    time_s = 61.0
    reporter.error(ValueError("a minute later"))
    assert len(kept.of(Kind.ERROR)) == ERRORS_PER_MINUTE + 2
    reporter.stop()
    assert kept.events[-1].metrics["suppressed_errors"] == 100 - ERRORS_PER_MINUTE


def test_a_report_that_is_not_accepted_breaks_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    kept = _Kept()
    kept.full = True
    reporter = HealthReporter(kept, "web", interval_s=0.01)
    reporter.start()
    reporter.error(ValueError("x"))
    reporter.stop()
    assert kept.events == []
    assert "no room" in "".join(capfd.readouterr())
