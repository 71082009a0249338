"""Every metric of accepting and delivering events, named and explained here, read only when scraped.

Counting costs a publish nothing but an addition: who does the work keeps the figures, and a scrape collects them.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple, Protocol
from weakref import WeakSet

from prometheus_client import REGISTRY
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

PREFIX: Final = "hangarstack_"
COUNTERS: Final = {
    "events_accepted": ("Events that publish has accepted: each is delivered or spooled.", ("event",)),
    "events_rejected": ("Events that publish has not accepted, by the error that it raised.", ("event", "reason")),
    "events_delivered": ("Records that the broker has acknowledged; one sent twice counts twice.", ("event",)),
    "events_retried": ("Records queued again after a refusal or with a new client.", ("event",)),
    "events_refused": (
        "Refusals by broker or registry; the records stay in their journal and are tried again.",
        ("event", "reason"),
    ),
    "spool_clock_behind": ("Events accepted while the clock was behind an earlier one's: it was stepped back.", ()),
    "kafka_client_errors": ("Errors that librdkafka reported: brokers down, authentication and the like.", ("reason",)),
    "outbox_database_errors": ("Failures of the relay to read or clear the outbox; it tries again.", ()),
}
GAUGES: Final = {
    "spool_events": ("Accepted events that the broker has not acknowledged.", ()),
    "spool_bytes": ("Disk space that the spool takes.", ()),
    "spool_capacity_bytes": ("Disk space that the spool may take; beyond it events are not accepted.", ()),
    "spool_oldest_seconds": ("Age of the accepted event that waits longest for its acknowledgement.", ()),
    "spool_unread_files": ("Files of the spool that cannot be read now; the events in them wait, uncounted.", ()),
    "spool_aside_files": ("Files in the spool's aside/: damaged, or not of the spool; nothing is sent from there.", ()),
    "events_parked": ("Records kept apart because each is refused for itself.", ("event",)),
    "outbox_pending": ("Events in the outbox, as the relay saw it last.", ()),
    "outbox_lag_seconds": ("Age of the oldest event in the outbox, as the relay saw it last.", ()),
}
_LATENCY: Final = ("delivery_seconds", "Seconds from the acceptance of an event to its acknowledgement by the broker.")
_BOUNDS_S: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)


class Sample(NamedTuple):
    """One figure: a key of ``COUNTERS`` or ``GAUGES``, the values of its labels, and the value."""

    name: str
    labels: tuple[str, ...]
    value: float


class Latencies:
    """A histogram of seconds that costs a fraction of a microsecond a value."""

    def __init__(self) -> None:
        self._counts = [0] * (len(_BOUNDS_S) + 1)
        self._sum = 0.0

    def add(self, seconds: float) -> None:
        """Count one value; less than none, because a clock was stepped back, is none."""
        seconds = max(0.0, seconds)
        self._counts[bisect_left(_BOUNDS_S, seconds)] += 1
        self._sum += seconds

    @property
    def count(self) -> int:
        """How many values were counted."""
        return sum(self._counts)

    def merge(self, other: Latencies) -> None:
        """Add the values of another histogram."""
        self._counts = [mine + theirs for mine, theirs in zip(self._counts, other._counts, strict=True)]
        self._sum += other._sum

    def buckets(self) -> tuple[list[tuple[str, float]], float]:
        """Return the cumulative buckets as Prometheus wants them, and the sum."""
        total = 0.0
        result = []
        for bound, count in zip((*map(str, _BOUNDS_S), "+Inf"), self._counts, strict=True):
            total += count
            result.append((bound, total))
        return result, self._sum


class Source(Protocol):
    """A producer or a relay."""

    @property
    def component(self) -> str:
        """Whose figures these are."""

    @property
    def latencies(self) -> Latencies:
        """How long deliveries took."""

    def samples(self) -> Iterable[Sample]:
        """Return the figures of this moment; must not block."""


class DeliveryCollector(Collector):
    """Turns the figures of every source of this process into metrics, at each scrape."""

    def __init__(self) -> None:
        self._sources: WeakSet[Source] = WeakSet()

    def add(self, source: Source) -> None:
        """Collect from a source for as long as somebody else holds it."""
        self._sources.add(source)

    def describe(self) -> Iterable[Metric]:
        """Name nothing ahead of a scrape."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """Yield every metric; sources of the same component add up."""
        sources = list(self._sources)
        sums: defaultdict[tuple[str, tuple[str, ...]], float] = defaultdict(float)
        for source in sources:
            for name, labels, value in source.samples():
                sums[name, (source.component, *labels)] += value
        for kind, definitions in ((CounterMetricFamily, COUNTERS), (GaugeMetricFamily, GAUGES)):
            for name, (text, labels) in definitions.items():
                family = kind(PREFIX + name, text, labels=("component", *labels))
                for (owner, values), value in sums.items():
                    if owner == name:
                        family.add_metric(values, value)
                yield family
        name, text = _LATENCY
        histogram = HistogramMetricFamily(PREFIX + name, text, labels=("component",))
        for component in sorted({source.component for source in sources}):
            merged = Latencies()
            for source in sources:
                if source.component == component:
                    merged.merge(source.latencies)
            histogram.add_metric((component,), *merged.buckets())
        yield histogram


COLLECTOR: Final = DeliveryCollector()
REGISTRY.register(COLLECTOR)
