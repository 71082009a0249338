"""One simulation from the first look at the catalogue to the comparison of what was accepted with what was counted."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from hangarstack.errors import TrafficError
from hangarstack.simulate.client import Outcome
from hangarstack.simulate.platform import TOTAL_OF_EVENT, Histogram, PlatformApi
from hangarstack.simulate.summary import Tally, histogram_percentile, percentile
from hangarstack.simulate.traffic import Load, Traffic

_SETTLE_S: Final = 30.0
_QUIET_S: Final = 1.0
_QUIET_WITHIN_S: Final = 5.0
_SHARES: Final = {"p50": 0.5, "p95": 0.95, "p99": 0.99}


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a run did and what the platform made of it."""

    load: Load
    seconds: float
    tally: Tally
    counted: dict[str, int]
    dead_letters: int
    latencies: dict[str, Histogram]

    @property
    def exact(self) -> bool:
        """Whether every accepted view was counted exactly once, and no other visitor was there."""
        return self.counted["AircraftView"] == self.tally.accepted["AircraftView"]

    @property
    def event_latency_p99_ms(self) -> float | None:
        """The worst service's 99th percentile from ``occurred_at`` to the commit of the read model, in milliseconds."""
        found = [self.latency_ms(service, 0.99) for service in self.latencies]
        return max((value for value in found if value is not None), default=None)

    def latency_ms(self, service: str, share: float) -> float | None:
        """Return a percentile of one service's latency in milliseconds; None when it applied nothing."""
        histogram = self.latencies[service]
        return histogram_percentile(list(histogram.bounds_ms), list(histogram.counts), share)

    def page_ms(self, share: float) -> float:
        """Return a percentile of the pages' response time in milliseconds."""
        return percentile(self.tally.seconds, share) * 1000

    def as_json(self) -> dict[str, Any]:
        """Return the report as plain values."""
        return {
            "seed": self.load.seed,
            "visitors": self.load.visitors,
            "steps": self.load.steps,
            "seconds": round(self.seconds, 1),
            "requests": dict(self.tally.requests),
            "statuses": {str(status): count for status, count in sorted(self.tally.statuses.items())},
            "retries": self.tally.retries,
            "unanswered": self.tally.unanswered,
            "accepted": dict(self.tally.accepted),
            "counted": self.counted,
            "exact": self.exact,
            "dead_letters": self.dead_letters,
            "page_ms": {name: round(self.page_ms(share), 1) for name, share in _SHARES.items()},
            "event_to_read_model_ms": {
                service: {name: _rounded(self.latency_ms(service, share)) for name, share in _SHARES.items()}
                for service in self.latencies
            },
        }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


def simulate(address: str, load: Load, progress: Callable[[Tally], None]) -> Report:
    """Drive the web app and wait until what it accepted is counted.

    Blocks for the duration, longer where the web app is too slow for the rate, and at most 30 s more.

    Args:
        address: ``http://host:port`` of the web app.
        load: how much traffic.
        progress: called after each outcome.

    Raises:
        TrafficError: the web app does not answer at the start, for a minute on the way, or at the end.
    """
    api = PlatformApi(address)
    subjects = api.subjects()
    _wait_for_quiet(api)
    totals, latencies = api.totals(), api.latencies()
    tally = Tally()

    def heard(outcome: Outcome) -> None:
        tally.hear(outcome)
        progress(tally)

    traffic = Traffic(address, subjects, load, heard)
    started = time.monotonic()
    traffic.run()
    seconds = time.monotonic() - started
    after = _settled(api, totals, tally)
    return Report(
        load=load,
        seconds=seconds,
        tally=tally,
        counted={event: after[key] - totals[key] for event, key in TOTAL_OF_EVENT.items()},
        dead_letters=after["dead_letters"] - totals["dead_letters"],
        latencies={service: now.since(latencies.get(service)) for service, now in api.latencies().items()},
    )


def _wait_for_quiet(api: PlatformApi) -> None:
    """Let a platform that has just started count what came before the visitors; waits at most 5 s."""
    deadline = time.monotonic() + _QUIET_WITHIN_S
    before = None
    while (now := (api.totals(), api.latencies())) != before and time.monotonic() < deadline:
        before = now
        time.sleep(_QUIET_S)


def _settled(api: PlatformApi, before: dict[str, int], tally: Tally) -> dict[str, int]:
    """Return the totals once all that was accepted is counted, or as they are after 30 s."""
    deadline = time.monotonic() + _SETTLE_S
    while True:
        try:
            totals = api.totals()
        except TrafficError:
            if time.monotonic() > deadline:
                raise
        else:
            missing = any(totals[key] - before[key] < tally.accepted[event] for event, key in TOTAL_OF_EVENT.items())
            if not missing or time.monotonic() > deadline:
                return totals
        time.sleep(0.25)
