"""One address for both kinds of answer: ``/stream`` and ``/healthz`` in the event loop, pages in threads."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from flask import Flask
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from hangarstack.web.app import LARGEST_BODY
from hangarstack.web.bridge import ThreadedWsgi
from hangarstack.web.hosts import hosts, refuse
from hangarstack.web.site import EXTENSION
from hangarstack.web.spans import traced
from hangarstack.web.stream import Broadcaster, TooManyListenersError

STREAM: Final = "/stream"
HEALTH: Final = "/healthz"
_HEADERS: Final = {
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def create_asgi(app: Flask, broadcaster: Broadcaster, *, threads: int) -> ASGIApp:
    """Return the whole site; a request for a site of another name is refused before anything is done for it.

    Args:
        app: the pages; its settings say what the site is called.
        broadcaster: the stream.
        threads: how many pages are rendered side by side.
    """
    ends = {STREAM: _stream(broadcaster), HEALTH: _alive}
    in_loop = Starlette(routes=[Route(path, end, methods=["GET"]) for path, end in ends.items()])
    pages = ThreadedWsgi(traced(app), threads=threads, largest_body=LARGEST_BODY)
    ours = hosts(app.extensions[EXTENSION].settings)

    async def site(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            if not ours.accepts(scope):
                await refuse(send)
                return
            # Past Starlette's router for pages: it would cost them more than finding the page does.
            await (in_loop if scope["path"] in ends else pages)(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1000})

    return site


async def _alive(_request: Request) -> Response:
    """Tell that the process lives: whatever its pages wait for, killing it would not mend that."""
    return JSONResponse({"status": "alive"}, headers=_HEADERS)


def _stream(broadcaster: Broadcaster) -> Callable[[Request], Awaitable[Response]]:
    async def stream(request: Request) -> Response:
        try:
            messages = await broadcaster.listen(request.headers.get("Last-Event-ID", ""))
        except TooManyListenersError:
            return PlainTextResponse("Too many listen already.\n", 503, {**_HEADERS, "Retry-After": "10"})
        return StreamingResponse(messages, media_type="text/event-stream", headers=_HEADERS)

    return stream
