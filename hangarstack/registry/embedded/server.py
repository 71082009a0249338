"""Running the embedded registry as a process."""

from __future__ import annotations

import contextlib
import errno
import logging
import math
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Final, Self

import uvicorn

from hangarstack.errors import PortTakenError
from hangarstack.registry.embedded.app import create_registry_app
from hangarstack.settings import Settings

_MOST_CONNECTIONS: Final = 512
_BACKLOG: Final = 128

_log = logging.getLogger(__name__)


def serve(settings: Settings, *, ready: Callable[[str], None]) -> None:
    """Serve the registry until SIGTERM or SIGINT, then finish the requests at hand.

    Blocks. Draining takes at most ``settings.drain_s``.

    Args:
        settings: as ``RegistryServer`` takes them.
        ready: called with the registry's address once it takes connections.

    Raises:
        PortTakenError: another process listens there.
        RegistryUnavailableError: the registry's file cannot be opened.
        RegistryDamagedError: the registry's file is damaged.
    """
    with RegistryServer(settings) as server, _quiet_signals():
        ready(server.url)
        server.run()


class RegistryServer:
    """The registry on a port that is bound at once.

    Args:
        settings: ``registry_host``, ``registry_port`` (0: any free one), ``home``, and the credentials to ask for.

    Raises:
        PortTakenError: another process listens there.
        RegistryUnavailableError: the registry's file cannot be opened.
        RegistryDamagedError: the registry's file is damaged.
    """

    def __init__(self, settings: Settings) -> None:
        app = create_registry_app(settings)
        self._listener = _listen(settings)
        self.port: int = self._listener.getsockname()[1]
        self.url = f"http://{settings.registry_host}:{self.port}"
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            lifespan="on",
            loop="asyncio",
            http="h11",
            ws="none",
            server_header=False,
            limit_concurrency=_MOST_CONNECTIONS,
            timeout_graceful_shutdown=math.ceil(settings.drain_s),
        )
        self._server = uvicorn.Server(config)

    def run(self) -> None:
        """Answer requests until ``stop`` or, on the main thread, SIGTERM or SIGINT. Blocks."""
        _log.info("the registry listens on %s", self.url)
        self._server.run(sockets=[self._listener])
        _log.info("the registry has stopped")

    def stop(self) -> None:
        """Ask ``run`` to finish the requests at hand and return; does not block."""
        self._server.should_exit = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._listener.close()


def _listen(settings: Settings) -> socket.socket:
    host, port = settings.registry_host, settings.registry_port
    where = f"{host}:{port}"
    listener: socket.socket | None = None
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        # Listening now, not when the server starts, makes a second process on the port fail at once.
        listener.listen(_BACKLOG)
    except OSError as error:
        if listener is not None:
            listener.close()
        taken = error.errno == errno.EADDRINUSE
        what = "another process listens there" if taken else f"the registry cannot listen: {error.strerror}"
        raise PortTakenError(
            what, where=where, remedy="Stop it, or set HANGARSTACK_REGISTRY_PORT to a free port"
        ) from error
    return listener


@contextlib.contextmanager
def _quiet_signals() -> Iterator[None]:
    """Let the process end normally after a drain: uvicorn raises the signal again once it has stopped."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {each: signal.signal(each, _ignore) for each in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _ignore(_number: int, _frame: FrameType | None) -> None:
    """Do nothing: the server has drained already."""
