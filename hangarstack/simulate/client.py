"""One visitor's browser: cookies, retries that are counted once, forms."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from typing import Final
from urllib.parse import urlencode

import urllib3

from hangarstack.simulate.plan import Action, Kind

_TIMEOUT: Final = urllib3.Timeout(connect=2.0, read=10.0)
_FIRST_PAUSE_S: Final = 0.2
_LONGEST_PAUSE_S: Final = 2.0
ACCEPTED_HEADER: Final = "HangarStack-Accepted"


@dataclass(slots=True)
class Outcome:
    """What came of one request.

    Args:
        kind: the action that it belongs to.
        status: the last HTTP status; 0 when no answer came within the visitor's patience.
        seconds: from sending to the answer, of the try that was answered.
        retries: tries that failed before it.
        accepted: names of the events that the web app accepted.
    """

    kind: Kind
    status: int
    seconds: float
    retries: int
    accepted: tuple[str, ...] = field(default=())


class Browser:
    """Performs actions over HTTP; blocks. Not shared between threads.

    A request that fails is sent again under the same ``Idempotency-Key``, so however often it arrives its events
    are counted once.

    Args:
        pool: connections to the web app.
        address: ``http://host:port``.
        patience_s: how long a visitor tries again while the app does not answer, in seconds.
        gone: tells that the run is over, so that nobody waits on.
    """

    def __init__(self, pool: urllib3.PoolManager, address: str, patience_s: float, gone: Callable[[], bool]) -> None:
        self._pool = pool
        self._address = address.rstrip("/")
        self._patience_s = patience_s
        self._gone = gone
        self._cookies: dict[str, str] = {}
        self._last_search = ""

    def perform(self, action: Action) -> list[Outcome]:
        """Do one step and return what came of each of its requests."""
        if action.new_session:
            self._cookies.clear()
            self._last_search = ""
        if action.kind is Kind.EDIT:
            return self._edit(action)
        outcome, page = self._request("GET", self._path(action), action, uuid.uuid4())
        if action.kind is Kind.SEARCH:
            found = _SEARCH_LINK.search(page)
            self._last_search = found[0] if found else ""
        return [outcome]

    def _path(self, action: Action) -> str:
        match action.kind:
            case Kind.VIEW:
                return f"/aircraft/{action.aircraft[0]}{self._last_search if action.from_search else ''}"
            case Kind.SEARCH:
                return "/?" + urlencode({"q": action.text})
            case Kind.FILTER:
                return "/?" + urlencode({"category": action.text})
            case Kind.COMPARE:
                return "/compare?" + urlencode({"ids": ",".join(action.aircraft)})
            case Kind.ANALYTICS:
                return "/analytics"
            case _:
                return "/"

    def _edit(self, action: Action) -> list[Outcome]:
        """Open the form, move the range by ten kilometres, send it."""
        path = f"/aircraft/{action.aircraft[0]}/edit"
        opened, page = self._request("GET", path, action, uuid.uuid4())
        form = _Form(page)
        if opened.status != 200 or not form.fields:
            return [opened]
        written = form.fields.get(_EDITED_FIELD)
        kilometres = float(written) if written else 1000.0
        fields = {**form.fields, _EDITED_FIELD: f"{kilometres + 10 if kilometres % 20 < 10 else kilometres - 10:g}"}
        sent, _ = self._request("POST", path, action, uuid.uuid4(), urlencode(fields))
        return [opened, sent]

    def _request(
        self, method: str, path: str, action: Action, key: uuid.UUID, body: str | None = None
    ) -> tuple[Outcome, str]:
        patience_ends = time.monotonic() + self._patience_s
        pause = _FIRST_PAUSE_S
        retries = 0
        while True:
            started = time.perf_counter()
            try:
                answer = self._pool.request(
                    method,
                    self._address + path,
                    body=body,
                    headers=self._headers(action, key, form=body is not None),
                    timeout=_TIMEOUT,
                    retries=False,
                    redirect=False,
                )
            except urllib3.exceptions.HTTPError:
                answer = None
            seconds = time.perf_counter() - started
            if answer is not None and answer.status < 500:
                self._keep_cookies(answer.headers)
                accepted = tuple(filter(None, answer.headers.get(ACCEPTED_HEADER, "").replace(" ", "").split(",")))
                return Outcome(action.kind, answer.status, seconds, retries, accepted), answer.data.decode()
            if time.monotonic() + pause > patience_ends or self._gone():
                return Outcome(action.kind, answer.status if answer is not None else 0, seconds, retries), ""
            time.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE_S)
            retries += 1

    def _headers(self, action: Action, key: uuid.UUID, *, form: bool) -> dict[str, str]:
        headers = {
            "User-Agent": action.user_agent,
            "Idempotency-Key": str(key),
            "Accept": "text/html",
            "Accept-Encoding": "gzip",
        }
        if self._cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        if action.private:
            headers |= {"DNT": "1", "Sec-GPC": "1"}
        if form:
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "Origin": self._address}
        return headers

    def _keep_cookies(self, headers: Mapping[str, str]) -> None:
        for name, value in headers.items():
            if name.lower() == "set-cookie":
                self._cookies.update({key: morsel.value for key, morsel in SimpleCookie(value).items()})


_SEARCH_LINK: Final = re.compile(r"\?search=[0-9a-f-]{36}")
"""What the links to a search's results carry."""
_EDITED_FIELD: Final = "performance.range_km"


class _Form(HTMLParser):
    """The fields of the page's edit form with their present values."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self._text: str | None = None
        self._select: str | None = None
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name = given.get("name")
        if tag == "input" and name and given.get("type") not in {"submit", "search", "checkbox"}:
            self.fields[name] = given.get("value") or ""
        elif tag == "input" and name and given.get("type") == "checkbox" and "checked" in given:
            self.fields[name] = given.get("value") or "on"
        elif tag == "textarea" and name:
            self._text = name
            self.fields[name] = ""
        elif tag == "select" and name:
            self._select = name
        elif tag == "option" and self._select and "selected" in given:
            self.fields[self._select] = given.get("value") or ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._text = None
        elif tag == "select":
            self._select = None

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            self.fields[self._text] += data
