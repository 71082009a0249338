from __future__ import annotations

from datetime import timedelta
from itertools import permutations

import pytest

from hangarstack.analytics.system_health import (
    STALE_S,
    ErrorRate,
    ReportedError,
    State,
    components,
    error_rates,
    errors_per_minute,
)
from hangarstack.consumers.services.system_health import MESSAGE_LENGTH, SystemHealth
from hangarstack.events import Kind, Severity
from tests.integration.consumers.services.harness import Harness, Start, at_now
from tests.integration.consumers.services.made import NOW, ago, failure, report


@pytest.fixture
def health(start: Start) -> Harness:
    return start(lambda: SystemHealth(clock=at_now))


def test_an_empty_store_answers_with_nothing(health: Harness) -> None:
    assert components(health.engine, now=NOW) == ()
    assert error_rates(health.engine, now=NOW) == ()
    assert errors_per_minute(health.engine, now=NOW) == {}


def test_an_instance_is_what_it_said_last_whatever_the_order_it_came_in(health: Harness) -> None:
    said = [
        report("web", Kind.STARTED, ago(seconds=60), metrics={"rss_bytes": 1.0}),
        report("web", Kind.HEARTBEAT, ago(seconds=45), metrics={"rss_bytes": 2.0}),
        failure("web", ago(seconds=40), message="first"),
        failure("web", ago(seconds=30), message="second"),
        report("web", Kind.HEARTBEAT, ago(seconds=15), metrics={"rss_bytes": 3.0}, message="alive"),
    ]
    for number, order in enumerate(permutations(said)):
        own = [event.replace(component=f"web{number:03}") for event in order]
        health.apply(own[0], own[1])
        health.apply(*own[2:4])
        health.apply(own[4])
    found = components(health.engine, now=NOW)
    assert len(found) == 120
    for component in found:
        (instance,) = component.instances
        assert (component.state, instance.state, instance.message) == (State.RUNNING, State.RUNNING, "alive")
        assert (instance.started, instance.seen) == (ago(seconds=60), ago(seconds=15))
        assert instance.metrics == {"rss_bytes": 3.0}
        assert instance.error == ReportedError(
            at=ago(seconds=30), error_class="BrokenError", message="second", remedy="Mend it"
        )


def test_silence_makes_a_running_instance_stale_when_asked(health: Harness) -> None:
    health.apply(report("web", Kind.HEARTBEAT))
    for silence, state in ((STALE_S - 1, State.RUNNING), (STALE_S + 1, State.STALE)):
        (component,) = components(health.engine, now=NOW + timedelta(seconds=silence))
        assert component.state is state


def test_a_stopped_instance_does_not_become_stale(health: Harness) -> None:
    health.apply(report("web", Kind.STARTED, ago(minutes=9)), report("web", Kind.STOPPED, ago(minutes=5)))
    (component,) = components(health.engine, now=NOW)
    assert component.state is State.STOPPED


def test_a_report_that_comes_late_does_not_undo_a_newer_one(health: Harness) -> None:
    health.apply(report("web", Kind.HEARTBEAT), report("relay", Kind.STOPPED))
    health.apply(report("web", Kind.STOPPED, ago(seconds=9)), report("relay", Kind.HEARTBEAT, ago(seconds=9)))
    relay, web = components(health.engine, now=NOW)
    assert (relay.state, web.state) == (State.STOPPED, State.RUNNING)


def test_a_component_runs_while_any_instance_runs(health: Harness) -> None:
    health.apply(
        report("web", Kind.HEARTBEAT, ago(minutes=5), instance="host:1"),
        report("web", Kind.STOPPED, ago(minutes=4), instance="host:2"),
        report("web", Kind.HEARTBEAT, instance="host:3"),
        report("relay", Kind.STOPPED, instance="host:4"),
        report("relay", Kind.HEARTBEAT, ago(minutes=5), instance="host:5"),
    )
    relay, web = components(health.engine, now=NOW)
    assert (web.component, web.state) == ("web", State.RUNNING)
    assert [instance.instance for instance in web.instances] == ["host:3", "host:2", "host:1"]
    assert (relay.component, relay.state) == ("relay", State.STALE)


def test_errors_are_counted_per_component_and_minute(health: Harness) -> None:
    health.apply(failure("web"), failure("web"), report("web", Kind.HEARTBEAT), report("web", Kind.STARTED))
    health.apply(
        report("web", Kind.ERROR, severity=Severity.CRITICAL),
        failure("web", ago(minutes=1)),
        failure("web", ago(hours=2)),
        report("relay", Kind.HEARTBEAT),
    )
    minute = NOW.replace(second=0)
    assert error_rates(health.engine, now=NOW) == (
        ErrorRate(component="web", at=minute - timedelta(minutes=1), events=1, errors=1, starts=0),
        ErrorRate(component="relay", at=minute, events=1, errors=0, starts=0),
        ErrorRate(component="web", at=minute, events=5, errors=3, starts=1),
    )
    assert errors_per_minute(health.engine, now=NOW, minutes=5) == {"relay": 0.0, "web": pytest.approx(0.8)}


def test_a_message_of_any_length_is_kept_to_a_bound(health: Harness) -> None:
    health.apply(report("web", Kind.STATE_CHANGED, message="x" * 9999))
    assert len(components(health.engine, now=NOW)[0].instances[0].message) == MESSAGE_LENGTH


def test_an_instance_not_heard_of_for_a_day_is_forgotten(start: Start) -> None:
    clock = NOW.timestamp()
    health = start(lambda: SystemHealth(clock=lambda: clock))
    health.apply(report("web", Kind.HEARTBEAT, ago(hours=25), instance="old"), report("web", Kind.HEARTBEAT))
    clock += 61
    health.apply(report("web", Kind.HEARTBEAT))
    # Asked as of yesterday, when it would still be shown.
    (component,) = components(health.engine, now=ago(hours=20))
    assert [instance.instance for instance in component.instances] == ["host:1"]
