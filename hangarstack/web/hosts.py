"""Which names the site goes by: a page of another site that was led to our address (DNS rebinding) asks by its own."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from starlette.types import Scope, Send

from hangarstack.settings import Settings

PROBES: Final = frozenset({"/healthz", "/readyz", "/metrics"})
_OWN_NAMES: Final = frozenset({"127.0.0.1", "localhost", "::1"})
_REFUSAL: Final = (
    b"This site does not go by that name. Use the address that it was started with, "
    b"or name yours in HANGARSTACK_PUBLIC_URL.\n"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hosts:
    """The names that the site goes by.

    Args:
        names: without ports; None: any.
        any_for_probes: whether ``/healthz``, ``/readyz`` and ``/metrics`` are answered under every name.
    """

    names: frozenset[str] | None
    any_for_probes: bool

    def accepts(self, scope: Scope) -> bool:
        """Tell whether a request names this site: by exactly one Host, whatever its port."""
        if self.names is None or (self.any_for_probes and scope["path"] in PROBES):
            return True
        given = [value for name, value in scope["headers"] if name == b"host"]
        return len(given) == 1 and _name(given[0].decode("latin-1")) in self.names


def hosts(settings: Settings) -> Hosts:
    """Return the names of the site.

    On loopback: this machine's, and that of ``public_url``. On another address only ``public_url`` tells what visitors
    call the site, so that without it any name is taken; probes then ask by addresses that nobody knows beforehand.

    Args:
        settings: ``http_host`` and ``public_url`` count.
    """
    outside = not _is_loopback(settings.http_host)
    if outside and not settings.public_url:
        return Hosts(names=None, any_for_probes=True)
    public = urlsplit(settings.public_url).hostname
    return Hosts(names=_OWN_NAMES | {*_given((settings.http_host.lower(), public))}, any_for_probes=outside)


async def refuse(send: Send) -> None:
    """Answer a request that names another site."""
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(_REFUSAL)).encode()),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
    ]
    await send({"type": "http.response.start", "status": 421, "headers": headers})
    await send({"type": "http.response.body", "body": _REFUSAL})


def _given(names: Iterable[str | None]) -> Iterable[str]:
    return (name for name in names if name)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _name(host: str) -> str:
    """Return the name in a Host header, without its port and an IPv6 address's brackets."""
    if host.startswith("["):
        return host[1:].partition("]")[0].lower()
    return host.partition(":")[0].lower()
