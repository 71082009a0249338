from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pytest
import urllib3

from hangarstack.errors import TrafficError
from hangarstack.simulate.client import Browser, Outcome
from hangarstack.simulate.plan import Action, Kind, Subject
from hangarstack.simulate.platform import Histogram, PlatformApi
from hangarstack.simulate.traffic import Load, Traffic

_SEARCH = "019f0000-0000-7000-8000-000000000001"
_PAGE = f"""<a href="/aircraft/f-16?search={_SEARCH}">F-16</a>
<form method="post"><input type="hidden" name="csrf" value="c"><input type="hidden" name="version" value="3">
<input name="performance.range_km" value="3220"><textarea name="summary">A &amp; B</textarea>
<select name="role"><option value="a">A</option><option value="b" selected>B</option></select></form>"""


class _Site:
    """A web app that answers as it is told, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, dict[str, str], str]] = []
        self.failures = 0
        site = self

        class Handler(BaseHTTPRequestHandler):
            def _answer(self) -> None:
                length = int(self.headers.get("Content-Length", 0))
                body = self.rfile.read(length).decode()
                site.asked.append((self.command, self.path, dict(self.headers), body))
                if site.failures > 0:
                    site.failures -= 1
                    if site.failures % 2:
                        self.send_response(503)
                        self.send_header("Content-Length", "0")
                        self.end_headers()
                    else:
                        self.close_connection = True
                    return
                page = _PAGE.encode()
                self.send_response(200)
                self.send_header("HangarStack-Accepted", "AircraftView, UserActivity")
                self.send_header("Set-Cookie", "hangarstack=s1; HttpOnly; Path=/")
                self.send_header("Content-Length", str(len(page)))
                self.end_headers()
                self.wfile.write(page)

            do_GET = do_POST = _answer  # noqa: N815 - the names are the base class's

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def site() -> Iterator[_Site]:
    made = _Site()
    yield made
    made.close()


@pytest.fixture
def browser(site: _Site) -> Iterator[Browser]:
    pool = urllib3.PoolManager()
    yield Browser(pool, site.address, 10.0, lambda: False)
    pool.clear()


def _do(kind: Kind, *aircraft: str, text: str = "", from_search: bool = False, new: bool = False) -> Action:
    return Action(
        kind=kind, aircraft=aircraft, text=text, from_search=from_search, new_session=new, user_agent="UA", private=True
    )


def test_a_request_that_fails_is_sent_again_under_the_same_key(site: _Site, browser: Browser) -> None:
    site.failures = 2
    (outcome,) = browser.perform(_do(Kind.VIEW, "f-16"))
    assert (outcome.status, outcome.retries, outcome.accepted) == (200, 2, ("AircraftView", "UserActivity"))
    assert len({headers["Idempotency-Key"] for _, _, headers, _ in site.asked}) == 1


def test_different_requests_have_different_keys(site: _Site, browser: Browser) -> None:
    browser.perform(_do(Kind.VIEW, "a"))
    browser.perform(_do(Kind.VIEW, "a"))
    assert len({headers["Idempotency-Key"] for _, _, headers, _ in site.asked}) == 2


def test_a_visitor_gives_up_when_the_run_is_over(site: _Site) -> None:
    site.failures = 100
    pool = urllib3.PoolManager()
    (outcome,) = Browser(pool, site.address, 60.0, lambda: True).perform(_do(Kind.BROWSE))
    assert (outcome.status, outcome.accepted) == (503, ())
    pool.clear()


def test_a_view_that_follows_a_search_names_it(site: _Site, browser: Browser) -> None:
    browser.perform(_do(Kind.SEARCH, text="f 16&x"))
    browser.perform(_do(Kind.VIEW, "f-16", from_search=True))
    searched, viewed = site.asked
    assert searched[1] == "/?q=f+16%26x"
    assert viewed[1] == f"/aircraft/f-16?search={_SEARCH}"


def test_cookies_are_kept_until_the_visitor_is_somebody_else(site: _Site, browser: Browser) -> None:
    for action in (_do(Kind.BROWSE), _do(Kind.BROWSE), _do(Kind.BROWSE, new=True)):
        browser.perform(action)
    assert [headers.get("Cookie") for _, _, headers, _ in site.asked] == [None, "hangarstack=s1", None]
    assert all(headers["DNT"] == "1" for _, _, headers, _ in site.asked)


def test_an_edit_sends_the_whole_form_with_another_range(site: _Site, browser: Browser) -> None:
    opened, sent = browser.perform(_do(Kind.EDIT, "f-16"))
    assert (opened.status, sent.status) == (200, 200)
    method, path, _, body = site.asked[1]
    assert (method, path) == ("POST", "/aircraft/f-16/edit")
    assert parse_qs(body) == {
        "csrf": ["c"],
        "version": ["3"],
        "performance.range_km": ["3230"],
        "summary": ["A & B"],
        "role": ["b"],
    }


def test_traffic_does_each_step_once(site: _Site) -> None:
    heard: list[object] = []
    load = Load(visitors=3, rate=100, duration_s=0.3, seed=1)
    Traffic(site.address, [Subject("a", ("A one", "B"))], load, heard.append).run()
    assert len(heard) >= load.steps == 30


def test_visitors_give_up_together_when_nobody_is_answered_any_more() -> None:
    heard: list[Outcome] = []
    load = Load(visitors=3, rate=100, duration_s=30, seed=1)
    traffic = Traffic("http://127.0.0.1:9", [Subject("a", ("A one", "B"))], load, heard.append, patience_s=1)
    began = time.monotonic()
    with pytest.raises(TrafficError, match="nobody has been answered for 1 s"):
        traffic.run()
    assert time.monotonic() - began < 15
    assert {outcome.status for outcome in heard} == {0}


def test_a_web_app_that_does_not_answer_is_one_clear_error() -> None:
    with pytest.raises(TrafficError, match="does not answer"):
        PlatformApi("http://127.0.0.1:9").totals()


@pytest.mark.parametrize("ask", [lambda api: api.totals(), lambda api: api.subjects()])
def test_an_answer_that_is_an_error_is_told_with_its_address(site: _Site, ask: Callable[[PlatformApi], object]) -> None:
    site.failures = 2
    with pytest.raises(TrafficError, match="answered 503"):
        ask(PlatformApi(site.address))


def test_a_histogram_tells_what_came_since() -> None:
    before = Histogram(bounds_ms=(1.0, 2.0), counts=(3, 4))
    now = Histogram(bounds_ms=(1.0, 2.0), counts=(5, 4))
    assert now.since(before).counts == (2, 0)
    assert now.since(None) is now
