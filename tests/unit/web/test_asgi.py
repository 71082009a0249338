from __future__ import annotations

import asyncio
import json
import threading
from typing import Any

from flask import Flask
from starlette.types import ASGIApp, Message

from hangarstack.web.asgi import create_asgi
from hangarstack.web.stream import Broadcaster


async def ask(site: ASGIApp, path: str) -> tuple[int, bytes]:
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    scope: dict[str, Any] = {
        "type": "http",
        "method": "GET",
        "path": path,
        "query_string": b"",
        "http_version": "1.1",
        "scheme": "http",
        "server": ("127.0.0.1", 8080),
        "headers": [(b"host", b"localhost")],
    }
    async with asyncio.timeout(10):
        await site(scope, receive, send)
    return sent[0]["status"], b"".join(each.get("body", b"") for each in sent[1:])


def test_a_process_says_that_it_lives_while_all_its_pages_wait(app: Flask) -> None:
    held, free = threading.Event(), threading.Event()

    @app.get("/held")
    def hold() -> str:
        held.set()
        assert free.wait(10)
        return "at last"

    async def run() -> None:
        site = create_asgi(app, Broadcaster(dict), threads=1)
        page = asyncio.create_task(ask(site, "/held"))
        try:
            assert await asyncio.to_thread(held.wait, 10)
            status, body = await asyncio.wait_for(ask(site, "/healthz"), 5)
        finally:
            free.set()
        assert (status, json.loads(body)) == (200, {"status": "alive"})
        assert await page == (200, b"at last")

    asyncio.run(run())
