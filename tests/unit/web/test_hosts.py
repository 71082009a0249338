from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

import pytest
from flask import Flask
from starlette.types import Message

from hangarstack.errors import SettingsError
from hangarstack.settings import Settings, load
from hangarstack.web.asgi import create_asgi
from hangarstack.web.hosts import hosts
from hangarstack.web.stream import Broadcaster

EVERYWHERE = "0.0.0.0"  # noqa: S104 - nothing is bound here
PATHS = ("/", "/stream", "/api/v1/search", "/healthz", "/readyz", "/metrics", "/static/base.css")


def scope(path: str, *given: str, method: str = "GET") -> dict[str, Any]:
    return {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": b"",
        "http_version": "1.1",
        "scheme": "http",
        "server": ("127.0.0.1", 8080),
        "client": ("127.0.0.1", 40000),
        "headers": [(b"host", one.encode()) for one in given],
    }


def accepted(settings: Settings, *given: str, path: str = "/") -> bool:
    return hosts(settings).accepts(scope(path, *given))


@pytest.mark.parametrize(
    "host", ["127.0.0.1:8080", "localhost:8080", "LOCALHOST", "[::1]:8080", "[::1]", "127.0.0.5:1", "127.0.0.1:9"]
)
def test_on_loopback_this_machines_names_are_ours_on_any_port(host: str) -> None:
    assert accepted(Settings(http_host="127.0.0.5"), host)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "host",
    [
        "evil.example:8080",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "127.0.0.1@evil.example",
        "",
        "[::1.evil]",
        "[evil.example]",
    ],
)
def test_on_loopback_no_other_name_is_ours(host: str, path: str) -> None:
    assert not accepted(Settings(), host, path=path)


@pytest.mark.parametrize("given", [(), ("localhost", "evil.example"), ("localhost", "localhost")])
def test_a_request_names_exactly_one_host(given: Iterable[str]) -> None:
    assert not accepted(Settings(), *given)


@pytest.mark.parametrize("http_host", ["127.0.0.1", "localhost", EVERYWHERE, "::", "192.0.2.1"])
def test_the_public_name_is_ours_wherever_the_site_listens_and_others_are_not(http_host: str) -> None:
    settings = Settings(http_host=http_host, public_url="https://Aircraft.example/")
    assert accepted(settings, "aircraft.example")
    assert accepted(settings, "localhost:8080")
    assert not accepted(settings, "evil.example")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("http_host", [EVERYWHERE, "::", "192.0.2.1", ""])
def test_without_a_public_name_a_site_on_another_address_goes_by_any(http_host: str, path: str) -> None:
    assert accepted(Settings(http_host=http_host), "10.0.0.7:8080", path=path)


@pytest.mark.parametrize("path", PATHS)
def test_probes_ask_a_public_site_by_any_address_and_nobody_else_does(path: str) -> None:
    settings = Settings(http_host=EVERYWHERE, public_url="https://aircraft.example")
    assert accepted(settings, "10.0.0.7:8080", path=path) is (path in {"/healthz", "/readyz", "/metrics"})


@pytest.mark.parametrize("address", ["aircraft.example", "ftp://aircraft.example", "https://", "http://["])
def test_a_public_address_that_names_no_host_is_no_setting(address: str) -> None:
    with pytest.raises(SettingsError):
        load({"HANGARSTACK_PUBLIC_URL": address})


def ask(app: Flask, asked: dict[str, Any]) -> list[Message]:
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    async def run() -> None:
        async with asyncio.timeout(10):
            await create_asgi(app, Broadcaster(dict), threads=1)(asked, receive, send)

    asyncio.run(run())
    return sent


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("path", PATHS)
def test_the_whole_site_refuses_another_name_with_a_plain_page(app: Flask, path: str, method: str) -> None:
    start, body = ask(app, scope(path, "evil.example:8080", method=method))
    assert start["status"] == 421
    assert dict(start["headers"])[b"content-type"] == b"text/plain; charset=utf-8"
    assert b"HANGARSTACK_PUBLIC_URL" in body["body"]


def test_the_site_answers_to_its_own_name(app: Flask) -> None:
    start, _ = ask(app, scope("/healthz", "localhost:8080"))
    assert start["status"] == 200
