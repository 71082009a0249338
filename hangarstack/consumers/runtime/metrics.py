"""Every metric of the consumer runtime, in one place."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.core import HistogramMetricFamily
from prometheus_client.registry import Collector

from hangarstack.consumers.runtime.latency import BOUNDS_MS, LatencyHistogram
from hangarstack.consumers.runtime.partition import Hold

_P: Final = "hangarstack_consumer_"
_SECONDS: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_SIZES: Final = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)


class ConsumerMetrics:
    """The metrics of one consumer process.

    Args:
        topics: that are read; their counters begin at 0, for an alert would overlook one that is born above it.
        latency: counted by the runtime, exported as a histogram without cost per event.
        registry: where they are registered.
    """

    def __init__(self, topics: Collection[str], latency: LatencyHistogram, registry: CollectorRegistry) -> None:
        self.applied = Counter(f"{_P}events", "Events applied.", ["event_type"], registry=registry)
        self.duplicates = Counter(
            f"{_P}duplicates", "Events left out because they were applied before.", registry=registry
        )
        self.dead_letters = Counter(
            f"{_P}dead_letters", "Records dead-lettered.", ["topic", "error"], registry=registry
        )
        self.dropped = Counter(
            f"{_P}dropped_records",
            "Records left to be read again, or by another member.",
            registry=registry,
        )
        self.records_lost = Counter(
            f"{_P}lost_records", "Records that retention deleted before they were read.", ["topic"], registry=registry
        )
        self.looked_again = Counter(
            f"{_P}looked_again",
            "Times that records were read again because a later one came than the next one.",
            ["topic"],
            registry=registry,
        )
        self.skipped = Counter(
            f"{_P}skipped_records",
            "Offsets that the Kafka client had skipped and that were found by looking again.",
            ["topic"],
            registry=registry,
        )
        self.client_restarts = Counter(
            f"{_P}client_restarts",
            "Times that the Kafka client was made anew because the group had lost it.",
            registry=registry,
        )
        self.batch_size = Histogram(f"{_P}batch_size", "Records in a batch.", buckets=_SIZES, registry=registry)
        self.decode_time = Histogram(
            f"{_P}decode_seconds", "Time to decode a batch.", buckets=_SECONDS, registry=registry
        )
        self.commit_time = Histogram(
            f"{_P}commit_seconds",
            "Time of a batch's transaction: effect, offsets, commit.",
            buckets=_SECONDS,
            registry=registry,
        )
        self.rebalances = Counter(
            f"{_P}rebalances", "Partitions assigned, revoked or lost.", ["kind"], registry=registry
        )
        self.holds = Counter(
            f"{_P}holds", "Partitions paused, by why: outage, retry, fenced, misplaced.", ["why"], registry=registry
        )
        self.held = Gauge(f"{_P}held_partitions", "Partitions paused now.", registry=registry)
        self.owned = Gauge(f"{_P}owned_partitions", "Partitions that this member owns.", registry=registry)
        self.lag = Gauge(
            f"{_P}lag", "Records between the stored position and the end.", ["topic", "partition"], registry=registry
        )
        registry.register(_Latency(latency))
        for topic in topics:
            for counter in (self.records_lost, self.looked_again, self.skipped):
                counter.labels(topic)
        for why in Hold:
            self.holds.labels(why)


class _Latency(Collector):
    def __init__(self, latency: LatencyHistogram) -> None:
        self._latency = latency

    def describe(self) -> Iterator[HistogramMetricFamily]:
        yield self._family()

    def collect(self) -> Iterator[HistogramMetricFamily]:
        family = self._family()
        # Copied, because the consumer's thread goes on counting.
        counts, totals = self._latency.counts.copy(), self._latency.total_us.copy()
        for name in sorted(totals):
            below, buckets = 0, []
            for bound in BOUNDS_MS:
                below += counts[name, bound]
                buckets.append((str(bound / 1000), float(below)))
            every = sum(total for (event_type, _), total in counts.items() if event_type == name)
            family.add_metric([name], [*buckets, ("+Inf", float(every))], totals[name] / 1e6)
        yield family

    @staticmethod
    def _family() -> HistogramMetricFamily:
        return HistogramMetricFamily(
            f"{_P}event_latency_seconds",
            "From an event's occurred_at to the commit of its effect.",
            labels=["event_type"],
        )


__all__ = ["ConsumerMetrics"]
