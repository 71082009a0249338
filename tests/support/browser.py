"""A browser, and a site for it: the web app on fakes in a thread, or a whole platform by its address.

HANGARSTACK_TEST_URL names a running platform; the tests then visit it instead of an app of their own.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import pytest
import uvicorn
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, Request, sync_playwright

from hangarstack.web.app import create_app
from hangarstack.web.asgi import create_asgi
from hangarstack.web.live import snapshot
from hangarstack.web.server import listen
from hangarstack.web.site import EXTENSION
from hangarstack.web.stream import Broadcaster
from tests.support.browser_setup import installed_browser
from tests.support.requirements import missing
from tests.unit.web.fakes import World, build_world

URL_VARIABLE: Final = "HANGARSTACK_TEST_URL"
SIZES: Final = {390: 844, 820: 1180, 1440: 900}
"""Width of each window that pages are looked at in, and its height."""
_INTERVAL_S: Final = 0.1


@dataclass(frozen=True, slots=True)
class Site:
    """Where the site is; ``world`` is None for a platform that is not the tests' own."""

    address: str
    world: World | None


@dataclass(slots=True)
class Tab:
    """A page of the browser, and what it complained of."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium: the system's, else the one that Playwright has installed.

    Gone with the last test of the module: while Playwright runs, its thread can run no event loop of another test.
    """
    path = installed_browser()
    if path is None:
        missing("browser", "there is no Chromium; run python -m tests.support.browser_setup")
    # The sandbox of Chromium refuses to run as root, which is who a container is.
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        try:
            running = playwright.chromium.launch(executable_path=path, args=arguments)
        except Error as error:
            missing("browser", f"{path} does not start: {error.message.splitlines()[0]}")
        yield running
        running.close()


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The site that the browser visits."""
    given = os.environ.get(URL_VARIABLE, "")
    if given:
        yield Site(given.rstrip("/"), None)
        return
    world = build_world(tmp_path_factory.mktemp("site"), http_port=0)
    with _serving(world) as address:
        yield Site(address, world)


@pytest.fixture
def tab(browser: Browser, site: Site) -> Iterator[Callable[..., Tab]]:
    """Open tabs: ``tab(width)``; more arguments go to Playwright's ``new_context``."""
    contexts = []

    def open_tab(width: int = 1440, **options: Any) -> Tab:
        size: Any = {"width": width, "height": SIZES[width]}
        context = browser.new_context(base_url=site.address, viewport=size, **options)
        contexts.append(context)
        context.set_default_timeout(10_000)
        opened = Tab(context.new_page())
        _listen_to(opened, site.address)
        return opened

    yield open_tab
    for context in contexts:
        context.close()


def _listen_to(tab: Tab, address: str) -> None:
    def console(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            tab.complaints.append(message.text)

    def request(asked: Request) -> None:
        if not asked.url.startswith((address, "data:", "blob:")):
            tab.foreign.append(asked.url)

    tab.page.on("console", console)
    tab.page.on("pageerror", lambda error: tab.complaints.append(str(error)))
    tab.page.on("request", request)


@contextmanager
def _serving(world: World) -> Iterator[str]:
    app = create_app(world.settings, deps=world.deps)
    shared = app.extensions[EXTENSION]
    picture = lambda: snapshot(shared.insights, world.catalogue, world.sink)  # noqa: E731 - one line, used once
    broadcaster = Broadcaster(picture, interval_s=_INTERVAL_S)
    config = uvicorn.Config(create_asgi(app, broadcaster, threads=4), log_config=None, lifespan="off")
    server = uvicorn.Server(config)
    loop = asyncio.new_event_loop()
    with listen(world.settings) as sock:
        port = sock.getsockname()[1]
        thread = threading.Thread(target=loop.run_until_complete, args=(server.serve(sockets=[sock]),))
        thread.start()
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            loop.call_soon_threadsafe(broadcaster.close)
            server.should_exit = True
            thread.join(20)
            loop.close()
