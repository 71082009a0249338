"""Turns what a visitor does into events; a page is served whatever becomes of them."""

from __future__ import annotations

import logging
import re
import time
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from werkzeug.wrappers import Request

from hangarstack.errors import HangarStackError
from hangarstack.events import Action, AircraftView, SearchQuery, UserActivity, ViewSource
from hangarstack.events.runtime.ids import new_event_id
from hangarstack.web.devices import device
from hangarstack.web.metrics import ACCEPTED, REFUSED
from hangarstack.web.ports import EventSink, Now
from hangarstack.web.privacy import asks_not_to_be_tracked, kept_address, kept_agent
from hangarstack.web.visit import IDLE_S, Visit, VisitCookie

ACCEPTED_HEADER: Final = "HangarStack-Accepted"
IDEMPOTENCY_HEADER: Final = "Idempotency-Key"
_TRACEPARENT: Final = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}", re.ASCII)
_LOG_EVERY_S: Final = 10.0
_LONGEST_REFERRER: Final = 500
_SOURCES: Final = (
    ("/aircraft/", ViewSource.RELATED),
    ("/compare", ViewSource.COMPARE),
    ("/analytics", ViewSource.ANALYTICS),
)
_log = logging.getLogger(__name__)


class Tracker:
    """Makes the events of one site.

    Args:
        sink: accepts events.
        cookies: reads and writes the session cookie.
        client_ip: what to keep of an address, as ``settings.client_ip`` says.
        key: the site's secret.
        now: the time.
    """

    def __init__(self, sink: EventSink, cookies: VisitCookie, *, client_ip: str, key: bytes, now: Now) -> None:
        self._sink = sink
        self.cookies = cookies
        self._client_ip = client_ip
        self._key = key
        self._silent_until = float("-inf")
        self.now = now

    def address(self, request: Request) -> str | None:
        """Return what an event may hold of the request's address."""
        return kept_address(request.remote_addr, self._client_ip, self._key)

    def publish(self, event: Any, traceparent: str | None) -> bool:
        """Hand an event to the producer; False, counted and logged, when it is not accepted."""
        name = type(event).__name__
        try:
            self._sink.publish(event, traceparent=traceparent)
        except HangarStackError as error:
            REFUSED.labels(name, type(error).__name__).inc()
            self._complain(name, error)
            return False
        except Exception as error:  # noqa: BLE001 - a visitor's page must not depend on any fault of the event path
            REFUSED.labels(name, type(error).__name__).inc()
            _log.exception("%s not accepted", name)
            return False
        ACCEPTED.labels(name).inc()
        return True

    def _complain(self, name: str, error: HangarStackError) -> None:
        # An outage refuses hundreds of events a second; the metric counts them, the log need not.
        now = time.monotonic()
        if now >= self._silent_until:
            self._silent_until = now + _LOG_EVERY_S
            _log.warning("%s not accepted: %s", name, error)


class Track:
    """What one request says of its visitor, and the events accepted for it.

    Args:
        tracker: the site's.
        request: the request.
        visit: what its session cookie says.
    """

    def __init__(self, tracker: Tracker, request: Request, visit: Visit) -> None:
        self._tracker = tracker
        self._request = request
        self.before = visit
        self.visit = visit
        self.accepted: list[str] = []
        self._key = _uuid(request.headers.get(IDEMPOTENCY_HEADER))
        self._named = 0
        trace = request.headers.get("traceparent", "")
        self.traceparent = trace if _TRACEPARENT.fullmatch(trace) else None
        private = asks_not_to_be_tracked(request.headers)
        self._ip = None if private else tracker.address(request)
        self._agent = None if private else kept_agent(request.user_agent.string)
        # Nobody looks at what is fetched ahead, or asked for without its content.
        purpose = request.headers.get("Sec-Purpose") or request.headers.get("Purpose", "")
        self.unseen = request.method == "HEAD" or "prefetch" in purpose

    def page(
        self, page: str, *, action: Action = Action.PAGE_VIEW, attributes: Mapping[str, str] | None = None
    ) -> None:
        """Report a page, and move the visit to it."""
        at = self._tracker.now()
        self.visit = self.before.moved_to(page, _ms(at))
        dwelt = self.visit.at_ms - self.before.at_ms if self.before.page else None
        self._activity(action, page, at, self.before.page, dwelt, self.visit.step, attributes or {})

    def action(self, action: Action, page: str, *, dwell_ms: int | None, attributes: Mapping[str, str]) -> None:
        """Report what was done on the page that the visit is at; the visit stays there."""
        step = max(self.visit.step, 1)
        self._activity(action, page, self._tracker.now(), None, dwell_ms, step, attributes)

    def aircraft(self, aircraft_id: str, *, search_id: uuid.UUID | None, api: bool = False) -> None:
        """Report that an aircraft was looked at."""
        request = self._request
        referrer, source = self._origin()
        if api:
            source = ViewSource.API
        elif search_id is not None:
            source = ViewSource.SEARCH
        self._publish(
            AircraftView(
                event_id=self._event_id(AircraftView),
                occurred_at=self._tracker.now(),
                aircraft_id=aircraft_id,
                session_id=self.visit.session_id,
                source=source,
                referrer_url=referrer,
                client_ip=self._ip,
                user_agent=self._agent,
                duration_ms=None,
                device=device(request.user_agent.string, request.headers),
                search_id=search_id,
                experiments={},
            )
        )

    def search(
        self,
        text: str,
        *,
        filters: Mapping[str, str],
        result_count: int,
        latency_micros: int,
        corrected: str | None,
        page_number: int,
        chosen: str | None = None,
    ) -> uuid.UUID:
        """Report a search and return its id, which the links to its results carry."""
        search_id = self._event_id(SearchQuery)
        self._publish(
            SearchQuery(
                event_id=search_id,
                occurred_at=self._tracker.now(),
                session_id=self.visit.session_id,
                text=text,
                filters=filters,
                result_count=result_count,
                latency_micros=latency_micros,
                chosen_aircraft_id=chosen,
                client_ip=self._ip,
                corrected_text=corrected,
                page_number=page_number,
            )
        )
        return search_id

    @property
    def request_id(self) -> uuid.UUID | None:
        """The id of the request, the same when it is sent again; None when it has no key."""
        return None if self._key is None else uuid.uuid5(self._key, self._address)

    def also_accepted(self, name: str) -> None:
        """Name an event class that was accepted on another way, such as the outbox."""
        self.accepted.append(name)

    def _activity(
        self,
        action: Action,
        page: str,
        at: datetime,
        previous: str | None,
        dwell_ms: int | None,
        step: int,
        attributes: Mapping[str, str],
    ) -> None:
        self._publish(
            UserActivity(
                event_id=self._event_id(UserActivity),
                occurred_at=at,
                session_id=self.visit.session_id,
                action=action,
                page=page,
                previous_page=previous,
                step=step,
                dwell_ms=None if dwell_ms is None else max(0, min(dwell_ms, IDLE_S * 1000)),
                client_ip=self._ip,
                user_agent=self._agent,
                attributes=attributes,
            )
        )

    def _event_id(self, event_class: type) -> uuid.UUID:
        """Return a new id, or, where the request has a key, the one that the same request sent again gets too.

        The key alone would not do: clients send it along when they follow a redirect, to another page with events of
        its own.
        """
        if self._key is None:
            return new_event_id()
        self._named += 1
        return uuid.uuid5(self._key, f"{event_class.__name__} {self._named} {self._address}")

    @property
    def _address(self) -> str:
        return f"{self._request.method} {self._request.full_path}"

    def _publish(self, event: Any) -> None:
        if not self.unseen and self._tracker.publish(event, self.traceparent):
            self.accepted.append(type(event).__name__)

    def _origin(self) -> tuple[str | None, ViewSource]:
        """Return the page that led here without its query, which may hold what was searched, and where that is."""
        referrer = self._request.headers.get("Referer", "")
        if not referrer.startswith(("http://", "https://")):
            return None, ViewSource.DIRECT
        try:
            parts = urlsplit(referrer)
        except ValueError:
            return None, ViewSource.DIRECT
        if parts.netloc != self._request.host:
            return f"{parts.scheme}://{parts.hostname or ''}{parts.path}"[:_LONGEST_REFERRER], ViewSource.DIRECT
        source = next((s for path, s in _SOURCES if parts.path.startswith(path)), ViewSource.CATALOGUE)
        return f"{parts.scheme}://{parts.netloc}{parts.path}"[:_LONGEST_REFERRER], source


def _uuid(text: str | None) -> uuid.UUID | None:
    if not text or len(text) != 36:
        return None
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def _ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)
