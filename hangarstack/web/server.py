"""Serving the site: one port, a clean stop."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Final

import uvicorn
import uvloop
from starlette.types import ASGIApp

from hangarstack.errors import PortTakenError, SettingsError
from hangarstack.settings import Settings
from hangarstack.telemetry.runfile import announced

COMPONENT: Final = "web"
_BACKLOG: Final = 1024
_KEEP_ALIVE_S: Final = 20
_SHARE_FOR_PAGES: Final = 0.6
"""Of the time to drain, what open requests may take; the rest is for the producer."""
_log = logging.getLogger(__name__)


def listen(settings: Settings) -> socket.socket:
    """Return a socket that listens where the settings say.

    Raises:
        PortTakenError: another process listens there.
        SettingsError: there is no such address on this machine, or the port needs more rights.
    """
    where = f"{settings.http_host}:{settings.http_port}"
    try:
        found = socket.getaddrinfo(
            settings.http_host or None, settings.http_port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        family, kind, protocol, _, address = found[0]
        sock = socket.socket(family, kind, protocol)
        try:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            # Connections inherit it: without it an answer in two writes waits 40 ms for the visitor's acknowledgement.
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.bind(address)
            sock.listen(_BACKLOG)
        except OSError:
            sock.close()
            raise
        return sock
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise PortTakenError(
                "another process listens there",
                where=where,
                remedy="Stop it, or set HANGARSTACK_HTTP_PORT to a free port",
            ) from error
        raise SettingsError(
            f"the web app cannot listen: {error.strerror or error}",
            where=where,
            remedy="Check HANGARSTACK_HTTP_HOST and HANGARSTACK_HTTP_PORT",
        ) from error


def serve(
    settings: Settings, app: ASGIApp, sock: socket.socket, stop: threading.Event, *, stopping: Callable[[], None]
) -> None:
    """Serve until ``stop`` is set, then finish open requests for a share of ``drain_s``; blocks.

    ``HOME/run/web.<pid>.json`` holds the process id and port while it serves.

    Args:
        settings: ``home``, ``drain_s`` and ``trusted_proxies`` count.
        app: the site.
        sock: where it listens; closed in the end.
        stop: asks it to stop.
        stopping: called in the event loop at the beginning of the stop; must end what never ends by itself.
    """
    with announced(settings.home, COMPONENT, sock.getsockname()[1]):
        uvloop.run(_run(_Server(configuration(settings, app)), sock, stop, stopping))


def configuration(settings: Settings, app: ASGIApp) -> uvicorn.Config:
    """Return how the site is served.

    Args:
        settings: ``drain_s`` and ``trusted_proxies`` count.
        app: the site.
    """
    proxies = [one.strip() for one in settings.trusted_proxies.split(",") if one.strip()]
    return uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        backlog=_BACKLOG,
        timeout_keep_alive=_KEEP_ALIVE_S,
        timeout_graceful_shutdown=max(1, round(settings.drain_s * _SHARE_FOR_PAGES)),
        # Uvicorn's own default believes everybody on this machine.
        proxy_headers=bool(proxies),
        forwarded_allow_ips=proxies,
    )


class _Server(uvicorn.Server):
    """Leaves signals to the process: uvicorn raises them again after its stop, which would skip ours."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture nothing."""
        yield


async def _run(server: _Server, sock: socket.socket, stop: threading.Event, stopping: Callable[[], None]) -> None:
    loop = asyncio.get_running_loop()

    def end() -> None:
        server.should_exit = True
        stopping()

    def wait() -> None:
        stop.wait()
        # The loop has ended by itself, if the server could not start.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(end)

    threading.Thread(target=wait, name="stopping", daemon=True).start()
    await server.serve(sockets=[sock])
