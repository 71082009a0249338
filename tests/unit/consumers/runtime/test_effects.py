from __future__ import annotations

from tests.support.consumer_fakes import Bench
from tests.support.consumers import Thing


def test_latency_is_observed_of_what_is_applied_and_of_no_duplicate(bench: Bench) -> None:
    thing = Thing(name="a")
    bench.log.append(thing)
    bench.steps(2)
    assert observed(bench) == 1
    bench.log.append(thing)
    bench.steps(2)
    assert bench.metric("duplicates_total") == 1
    assert observed(bench) == 1


def observed(bench: Bench) -> float:
    """Return how many events the latency histogram has seen."""
    return bench.metric("event_latency_seconds_bucket", event_type="Thing", le="+Inf")
