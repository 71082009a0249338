"""What the running platform says of itself, over ``/api/v1``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import urllib3

from hangarstack.errors import TrafficError
from hangarstack.simulate.plan import Subject

_TIMEOUT: Final = urllib3.Timeout(connect=2.0, read=10.0)

TOTAL_OF_EVENT: Final = {
    "AircraftView": "aircraft_views",
    "UserActivity": "user_activities",
    "SearchQuery": "search_queries",
    "DataUpdate": "data_updates",
}
"""Event class → the key of ``/api/v1/analytics/totals`` that counts it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Histogram:
    """Event-to-read-model latency of one service: upper bounds in milliseconds and events in each bucket."""

    bounds_ms: tuple[float, ...]
    counts: tuple[int, ...]

    def since(self, earlier: Histogram | None) -> Histogram:
        """Return what has been added since an earlier reading."""
        if earlier is None or earlier.bounds_ms != self.bounds_ms:
            return self
        counts = tuple(now - then for now, then in zip(self.counts, earlier.counts, strict=True))
        return Histogram(bounds_ms=self.bounds_ms, counts=counts)


class PlatformApi:
    """Reads the web app's API; each call blocks at most 12 s.

    Args:
        address: ``http://host:port`` of the web app.
    """

    def __init__(self, address: str) -> None:
        self._address = address.rstrip("/")
        self._pool = urllib3.PoolManager(num_pools=1)

    def subjects(self) -> list[Subject]:
        """Return every aircraft with the names by which people search for it.

        Raises:
            TrafficError: nobody answers there, or the catalogue is empty.
        """
        answer = self._get("/api/v1/aircraft?per_page=1000")
        subjects = [Subject(item["id"], _names(item)) for item in answer["aircraft"]]
        if not subjects:
            raise TrafficError("the catalogue is empty", where=self._address, remedy="Run `hangarstack data import`")
        return subjects

    def totals(self) -> dict[str, int]:
        """Return the totals since the beginning."""
        return {key: int(value) for key, value in self._get("/api/v1/analytics/totals").items()}

    def latencies(self) -> dict[str, Histogram]:
        """Return service name → its event-to-read-model latency since the beginning."""
        services = self._get("/api/v1/analytics/latency")["services"]
        return {
            item["service"]: Histogram(
                bounds_ms=tuple(
                    float("inf") if bucket["le_ms"] is None else float(bucket["le_ms"]) for bucket in item["buckets"]
                ),
                counts=tuple(int(bucket["count"]) for bucket in item["buckets"]),
            )
            for item in services
        }

    def _get(self, path: str) -> Any:
        try:
            answer = self._pool.request("GET", self._address + path, timeout=_TIMEOUT, retries=False)
        except urllib3.exceptions.HTTPError as error:
            raise TrafficError(
                "the web app does not answer", where=self._address, remedy="Start it with `make run`, or give --url"
            ) from error
        if answer.status != 200:
            raise TrafficError(
                f"the web app answered {answer.status}", where=self._address + path, remedy="See its log"
            )
        return answer.json()


def _names(item: dict[str, Any]) -> tuple[str, ...]:
    given = [item["name"], item.get("icao"), item.get("nato_name"), *item.get("aliases", ())]
    return tuple(name for name in given if name)
