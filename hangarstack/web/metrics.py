"""Every metric of the web app."""

from __future__ import annotations

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

REQUESTS: Final = Histogram(
    "hangarstack_web_request_seconds",
    "Seconds from the arrival of a request in its thread to its answer, by area of the site.",
    ["area"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)
RESPONSES: Final = Counter(
    "hangarstack_web_responses_total", "Answers by area of the site and class of status.", ["area", "status"]
)
ACCEPTED: Final = Counter("hangarstack_web_events_accepted_total", "Events accepted by the producer.", ["event"])
REFUSED: Final = Counter(
    "hangarstack_web_events_refused_total", "Events that were not accepted, by class of error.", ["event", "error"]
)
READ_FAILURES: Final = Counter(
    "hangarstack_web_read_model_failures_total", "Reads of a read model that failed; the page showed a gap.", ["read"]
)
LISTENERS: Final = Gauge("hangarstack_web_stream_listeners", "Open connections to /stream.")
DROPPED: Final = Counter(
    "hangarstack_web_stream_dropped_total", "Connections to /stream that were closed for being too slow, or refused."
)
SPOOLED: Final = Gauge("hangarstack_web_spooled_events", "Accepted events that the broker has not acknowledged yet.")
