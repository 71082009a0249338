from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterable
from typing import Any

import pytest
from starlette.types import Message

from hangarstack.web import bridge
from hangarstack.web.bridge import ThreadedWsgi


def scope(method: str = "GET", path: str = "/", **more: Any) -> dict[str, Any]:
    return {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": b"a=1",
        "http_version": "1.1",
        "scheme": "http",
        "server": ("localhost", 8080),
        "client": ("203.0.113.7", 40000),
        "headers": [],
    } | more


async def ask(site: ThreadedWsgi, asked: dict[str, Any], *body: bytes, stalls: bool = False) -> list[Message]:
    """Return what the site sends for a request whose body comes in these pieces."""
    pieces = list(body) or [b""]
    sent: list[Message] = []

    async def receive() -> Message:
        if stalls and len(pieces) == 1:
            await asyncio.sleep(60)
        return {"type": "http.request", "body": pieces.pop(0), "more_body": bool(pieces)}

    async def send(message: Message) -> None:
        sent.append(message)

    async with asyncio.timeout(10):
        await site(asked, receive, send)
    return sent


class Echo:
    """A WSGI app that keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.bodies: list[bytes] = []
        self.closed = 0
        self.threads: set[str] = set()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        self.asked.append(environ)
        self.bodies.append(environ["wsgi.input"].read())
        self.threads.add(threading.current_thread().name)
        start_response("201 Created", [("X-Back", "é"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")])
        return Answer(self)


class Answer:
    def __init__(self, echo: Echo) -> None:
        self._echo = echo

    def __iter__(self) -> Any:
        return iter([b"one ", b"two"])

    def close(self) -> None:
        self._echo.closed += 1


def test_a_request_is_answered_in_a_thread() -> None:
    echo = Echo()
    start, body = asyncio.run(ask(ThreadedWsgi(echo, threads=2, largest_body=100), scope(path="/ü")))
    assert start["status"] == 201
    assert start["headers"] == [(b"x-back", b"\xe9"), (b"set-cookie", b"a=1"), (b"set-cookie", b"b=2")]
    assert body["body"] == b"one two"
    assert echo.closed == 1
    (environ,) = echo.asked
    assert environ["PATH_INFO"].encode("latin-1").decode() == "/ü"
    assert (environ["QUERY_STRING"], environ["REMOTE_ADDR"]) == ("a=1", "203.0.113.7")
    assert all(name.startswith("page") for name in echo.threads)


def test_headers_arrive_as_wsgi_names_them() -> None:
    echo = Echo()
    headers = [
        (b"user-agent", b"x"),
        (b"content-type", b"text/plain"),
        (b"cookie", b"a=1"),
        (b"cookie", b"b=2"),
        (b"accept", b"p"),
        (b"accept", b"q"),
    ]
    asyncio.run(ask(ThreadedWsgi(echo, threads=1, largest_body=100), scope(headers=headers)))
    (environ,) = echo.asked
    assert environ["HTTP_USER_AGENT"] == "x"
    assert environ["CONTENT_TYPE"] == "text/plain"
    assert environ["HTTP_COOKIE"] == "a=1; b=2"
    assert environ["HTTP_ACCEPT"] == "p,q"


def test_a_body_in_pieces_of_unknown_length_arrives_whole() -> None:
    echo = Echo()
    asked = scope("POST", headers=[(b"transfer-encoding", b"chunked"), (b"content-length", b"999")])
    asyncio.run(ask(ThreadedWsgi(echo, threads=1, largest_body=100), asked, b"one", b"", b"two"))
    assert echo.bodies == [b"onetwo"]
    assert echo.asked[0]["CONTENT_LENGTH"] == "6"
    assert "HTTP_TRANSFER_ENCODING" not in echo.asked[0]


def test_a_body_that_is_too_large_never_reaches_a_thread() -> None:
    echo = Echo()
    start, _ = asyncio.run(ask(ThreadedWsgi(echo, threads=1, largest_body=5), scope("POST"), b"123", b"456"))
    assert start["status"] == 413
    assert echo.asked == []


def test_a_body_that_does_not_come_holds_no_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bridge, "BODY_WAIT_S", 0.05)
    echo = Echo()
    start, _ = asyncio.run(ask(ThreadedWsgi(echo, threads=1, largest_body=5), scope("POST"), b"1", b"2", stalls=True))
    assert start["status"] == 408
    assert echo.asked == []


def test_a_client_that_leaves_half_way_is_forgotten() -> None:
    echo = Echo()

    async def run() -> list[Message]:
        sent: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            sent.append(message)

        await ThreadedWsgi(echo, threads=1, largest_body=5)(scope("POST"), receive, send)
        return sent

    assert asyncio.run(run()) == []
    assert echo.asked == []
