from __future__ import annotations

import asyncio
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send

from hangarstack.errors import SettingsError
from hangarstack.settings import Settings, load
from hangarstack.web.server import configuration

FORWARDED = [(b"x-forwarded-for", b"198.51.100.9"), (b"x-forwarded-proto", b"https")]


def seen(settings: Settings, sender: str) -> tuple[str, str]:
    """Return the address and the scheme that the site sees of a request that says it was forwarded."""
    asked: list[Scope] = []

    async def app(scope: Scope, _receive: Receive, _send: Send) -> None:
        asked.append(scope)

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(_message: Message) -> None:
        return

    config = configuration(settings, app)
    config.load()
    request: dict[str, Any] = {"type": "http", "client": (sender, 40000), "scheme": "http", "headers": FORWARDED}
    asyncio.run(config.loaded_app(request, receive, send))
    return asked[0]["client"][0], asked[0]["scheme"]


@pytest.mark.parametrize("sender", ["127.0.0.1", "::1", "203.0.113.7"])
def test_by_default_nobody_is_believed_to_speak_for_another(sender: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "*")
    assert seen(Settings(), sender) == (sender, "http")


@pytest.mark.parametrize("sender", ["10.0.0.2", "10.0.1.200", "::1"])
def test_a_named_proxy_speaks_for_its_visitors(sender: str) -> None:
    settings = Settings(trusted_proxies="10.0.0.2, 10.0.1.0/24,::1,")
    assert seen(settings, sender) == ("198.51.100.9", "https")


@pytest.mark.parametrize("sender", ["10.0.0.3", "127.0.0.1", "198.51.100.9"])
def test_whoever_is_not_a_named_proxy_speaks_for_itself(sender: str) -> None:
    assert seen(Settings(trusted_proxies="10.0.0.2"), sender) == (sender, "http")


@pytest.mark.parametrize("proxies", ["*", "proxy.example", "10.0.0.2;10.0.0.3", "10.0.0.1/24"])
def test_what_is_no_address_is_no_proxy(proxies: str) -> None:
    with pytest.raises(SettingsError):
        load({"HANGARSTACK_TRUSTED_PROXIES": proxies})
