"""What the web app needs from the other rooms, as narrow as it uses them; tests bring fakes."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from hangarstack.analytics.buckets import Window
from hangarstack.analytics.catalogue_changes import Invalidations, Revision
from hangarstack.analytics.journeys import FlowEdge, SessionStatistics
from hangarstack.analytics.latency import ServiceLatency
from hangarstack.analytics.popularity import AircraftViews, Companion, Trend
from hangarstack.analytics.search_insights import Choice, RisingText, SearchedText
from hangarstack.analytics.system_health import Component
from hangarstack.deadletters.browsing import Listing
from hangarstack.deadletters.desk import Shown
from hangarstack.deadletters.ledger import Repair
from hangarstack.deadletters.letter import LetterId
from hangarstack.deadletters.repairing import Order, Report
from hangarstack.deadletters.selection import Selection


class EventSink(Protocol):
    """Accepts events; the producers' room has the real one."""

    def publish(self, event: Any, *, traceparent: str | None = None) -> None:
        """Accept an event without waiting for Kafka or the registry.

        Raises:
            HangarStackError: the event is not accepted.
        """

    @property
    def spooled(self) -> int:
        """How many accepted events the broker has not acknowledged yet."""

    def status(self) -> Mapping[str, object]:
        """Return ``spooled``, ``oldest_s`` and ``problems``: sentences on why events wait or are refused."""

    def close(self, timeout_s: float) -> int:
        """Wait for acknowledgements, at most ``timeout_s`` seconds, and return how many are still missing."""


class ReadModels(Protocol):
    """What the services have counted. Every method blocks on one short query and may raise StoreError."""

    def totals(self) -> Mapping[str, int]:
        """Return events counted since the beginning, by the keys of ``/api/v1/analytics/totals`` but ``spooled``."""

    def top_aircraft(self, window: Window, limit: int) -> Sequence[AircraftViews]:
        """Return the most viewed aircraft of a window."""

    def trending(self, limit: int) -> Sequence[Trend]:
        """Return the aircraft with the greatest decayed views."""

    def views_per_minute(self, minutes: int, aircraft_id: str | None = None) -> Sequence[int]:
        """Return the views of each of the last minutes, oldest first, of one aircraft or of all."""

    def viewed_together(self, aircraft_id: str, limit: int) -> Sequence[Companion]:
        """Return what visitors of an aircraft looked at too."""

    def active_sessions(self) -> int:
        """Return how many visitors are here now."""

    def page_flow(self, limit: int) -> Sequence[FlowEdge]:
        """Return today's most used ways from page to page."""

    def session_statistics(self) -> SessionStatistics:
        """Return what today's sessions were like."""

    def top_searches(self, window: Window, limit: int) -> Sequence[SearchedText]:
        """Return what is searched most."""

    def rising_searches(self, window: Window, limit: int) -> Sequence[RisingText]:
        """Return what is searched more than in the window before."""

    def zero_result_searches(self, window: Window, limit: int) -> Sequence[SearchedText]:
        """Return what is searched and not found."""

    def chosen_after(self, limit: int) -> Sequence[Choice]:
        """Return which aircraft searches led to."""

    def components(self) -> Sequence[Component]:
        """Return the state of each part of the platform."""

    def errors_per_minute(self) -> Mapping[str, float]:
        """Return each component's errors a minute."""

    def latencies(self) -> Sequence[ServiceLatency]:
        """Return how long each service's events took."""

    def history(self, aircraft_id: str, limit: int) -> Sequence[Revision]:
        """Return an aircraft's changes, latest first."""

    def latest_changes(self, limit: int) -> Sequence[Revision]:
        """Return the latest changes of all aircraft."""

    def last_invalidation(self) -> int:
        """Return the number of the last change of the catalogue."""

    def invalidations_since(self, seq: int) -> Invalidations:
        """Return which aircraft have changed since."""


@dataclass(frozen=True, slots=True)
class SavedEdit:
    """What an edit did: the aircraft's version after it, and the dotted paths of the changed fields, in order."""

    version: int
    paths: tuple[str, ...]


class Editor(Protocol):
    """Changes aircraft; the change and its DataUpdate commit together."""

    def save(
        self,
        aircraft_id: str,
        changes: Mapping[str, Any],
        *,
        expected_version: int,
        actor: str,
        reason: str | None,
        traceparent: str | None,
        request: uuid.UUID | None,
    ) -> SavedEdit:
        """Write an edit, once for each ``request``; blocks on the catalogue store. ``traceparent`` goes with the event.

        Raises:
            AircraftNotFoundError: no aircraft has that id.
            EditConflictError: somebody else has changed it since.
            InvalidAircraftError: the schema refuses the result, field by field.
            StoreError: the store cannot be written.
        """


class LetterDesk(Protocol):
    """Dead letters. Every method blocks, up to some seconds, and may raise BrokerError and StoreError."""

    def browse(self, selection: Selection, *, limit: int, handled: bool, within_s: float) -> Listing:
        """Return the letters that match, oldest first; looks for them for about ``within_s`` seconds."""

    def show(self, wanted: LetterId) -> Shown:
        """Return one letter, decoded as far as it can be.

        Raises:
            LetterNotFoundError: there is none at that place.
        """

    def carry_out(self, kind: str, order: Order) -> Report:
        """Replay or drop.

        Raises:
            RepairBusyError: somebody else is at it just now.
        """

    def repairs(self, limit: int) -> Sequence[Repair]:
        """Return who did what, latest first."""


class ContractPage(Protocol):
    """What a page about contracts says, below the site's frame."""

    @property
    def title(self) -> str:
        """What the page is called: the event's class."""

    @property
    def body(self) -> str:
        """HTML without scripts and styles, with one heading of the first level."""


ContractPages = Callable[[], Mapping[str, ContractPage]]
"""Makes the page of every contract, by the name that its address ends with, "" for the index; may raise
ContractError, and blocks for about a second."""

Now = Callable[[], datetime]
"""The time, UTC."""


def utc_now() -> datetime:
    """Return the time, UTC."""
    return datetime.now(UTC)
