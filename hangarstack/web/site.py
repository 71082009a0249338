"""Everything that the views share, made once per app."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final, cast

from flask import Request, Response, current_app, g, render_template, request
from markupsafe import Markup

from hangarstack.catalogue.model import Aircraft
from hangarstack.catalogue.repository import SearchResult
from hangarstack.errors import StoreUnavailableError
from hangarstack.settings import Settings
from hangarstack.web.admission import Admission
from hangarstack.web.assets import Assets
from hangarstack.web.caching import Recent, Rest
from hangarstack.web.deps import Deps
from hangarstack.web.fragments import SEARCH_SLOT, Fragments
from hangarstack.web.insights import Insights
from hangarstack.web.listing import listing
from hangarstack.web.ports import ContractPage
from hangarstack.web.query import Query, encode
from hangarstack.web.security import FormTokens
from hangarstack.web.tracking import ACCEPTED_HEADER, Track, Tracker
from hangarstack.web.visit import COOKIE, now_ms
from hangarstack.web.watch import CatalogueWatch

EXTENSION: Final = "hangarstack"
UNITS_COOKIE: Final = "units"
_KEPT_SEARCHES: Final = 500
_KEPT_LISTINGS: Final = 32
_TURN_S: Final = 1.0
"""An edit waits so long for those before it; a database that is well saves one in some milliseconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """The site: settings, other rooms, and what was made of them."""

    settings: Settings
    deps: Deps
    tracker: Tracker
    tokens: FormTokens
    admission: Admission
    insights: Insights
    watch: CatalogueWatch
    fragments: Fragments
    assets: Assets
    rest: Rest
    """Of the database."""
    writers: threading.Semaphore
    """Has room for half of the threads."""
    _searches: Recent[tuple[int, str], SearchResult] = field(default_factory=lambda: Recent(_KEPT_SEARCHES))
    _listings: Recent[tuple[int, str, str], str] = field(default_factory=lambda: Recent(_KEPT_LISTINGS))
    _contracts: Recent[str, Mapping[str, ContractPage]] = field(default_factory=lambda: Recent(1))
    _similar: Recent[tuple[int, str], tuple[Aircraft, ...]] = field(default_factory=lambda: Recent(_KEPT_SEARCHES))

    def search(self, query: Query) -> SearchResult:
        """Return what a question finds; asked again before the catalogue changes, it costs a look-up."""
        key = (self.watch.generation, encode(query))
        return self._searches.get(key, lambda: self.deps.catalogue.search(query.text, query.filters, sort=query.sort))

    def listing(self, query: Query, carried: str) -> Markup:
        """Return the filters and results of a question, rendered.

        Args:
            query: the question.
            carried: what the links of the results carry; nothing that needs escaping.
        """
        system = units()

        def rendered(links: str) -> str:
            return listing(query, self.search, self.deps.catalogue, self.fragments, links, units=system)

        if query.problems:
            return Markup(rendered(carried))  # noqa: S704 - our template escapes
        key = (self.watch.generation, system, encode(query, page=query.page))
        kept = self._listings.get(key, lambda: rendered(SEARCH_SLOT))
        return Markup(kept.replace(SEARCH_SLOT, carried))  # noqa: S704 - our template, a UUID or nothing put in

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold one of the threads that may wait for the database: what can be shown without it has the others.

        Raises:
            StoreUnavailableError: the database keeps as many waiting; told within a second, at once where pages have
                found already that it does not answer.
        """
        if not self.writers.acquire(timeout=0 if self.rest.lasts else _TURN_S):
            raise StoreUnavailableError(
                "the database keeps earlier edits waiting", remedy="Check that it runs and that nobody holds its locks"
            )
        try:
            yield
        finally:
            self.writers.release()

    def similar(self, aircraft: Aircraft, limit: int) -> tuple[Aircraft, ...]:
        """Return the aircraft most like this one; asked again before the catalogue changes, it costs a look-up."""
        key = (self.watch.generation, aircraft.id)
        return self._similar.get(key, lambda: self.deps.catalogue.similar(aircraft, limit))

    def contracts(self) -> Mapping[str, ContractPage]:
        """Return the pages about contracts by name; they are made once for the life of the process."""
        return self._contracts.get("", self.deps.contracts)


def site() -> Site:
    """Return the site of the request at hand."""
    return cast("Site", current_app.extensions[EXTENSION])


def track() -> Track:
    """Return what the request at hand says of its visitor."""
    if "track" not in g:
        tracker = site().tracker
        g.track = Track(tracker, request, tracker.cookies.load(request.cookies.get(COOKIE), now_ms()))
    return cast("Track", g.track)


def finish_tracking(answer: Response) -> None:
    """Tell in the answer which events were accepted, and keep where the visitor stands."""
    kept: Track | None = g.get("track")
    if kept is None:
        return
    if kept.accepted:
        answer.headers[ACCEPTED_HEADER] = ", ".join(kept.accepted)
    # Who comes first through the API or a search gets the session that those events name.
    if not kept.unseen and (kept.visit is not kept.before or (kept.accepted and not kept.before.step)):
        value = site().tracker.cookies.dump(kept.visit)
        answer.headers.add("Set-Cookie", f"{COOKIE}={value}; Path=/; HttpOnly; SameSite=Lax{_secure(request)}")


def units() -> str:
    """Return the units that the visitor of the request at hand prefers: ``metric`` or ``imperial``."""
    return "imperial" if request.cookies.get(UNITS_COOKIE) == "imperial" else "metric"


def page(template: str, *, status: int = 200, **values: Any) -> Response:
    """Return a rendered page; never kept by a cache, because it belongs to one visitor."""
    answer = Response(
        render_template(template, units=units(), **values), status, content_type="text/html; charset=utf-8"
    )
    answer.headers["Cache-Control"] = "private, no-cache"
    # Browsers that know it tell the size of their window with the next request.
    answer.headers["Accept-CH"] = "Sec-CH-Viewport-Width, Sec-CH-Viewport-Height"
    return answer


def see(path: str) -> Response:
    """Send the browser to another page of the site, with GET (303)."""
    return Response(status=303, headers={"Location": path, "Cache-Control": "no-store"})


def _secure(asked: Request) -> str:
    return "; Secure" if asked.is_secure else ""
