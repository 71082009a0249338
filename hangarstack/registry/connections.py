"""HTTP connections whose time-out is for all that they do, not for each step.

A socket's own time-out begins anew with every byte, so a server that sends one a second is waited for without end.
"""

from __future__ import annotations

import io
import socket
from functools import partial
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
from typing import TYPE_CHECKING, Any
from urllib.request import HTTPHandler, HTTPSHandler, Request

from hangarstack.registry.deadline import Deadline

if TYPE_CHECKING:
    import ssl


class _Connection(HTTPConnection):
    """Must have connected, sent and received all within the time-out that it is made with."""

    def __init__(
        self,
        host: str,
        port: int | None = None,
        timeout: float = 30,
        source_address: tuple[str, int] | None = None,
        blocksize: int = 8192,
    ) -> None:
        super().__init__(host, port, timeout, source_address, blocksize)
        self._deadline = deadline = Deadline(timeout)
        self.response_class = partial(_response, deadline)  # type: ignore[assignment]  # called, never a base
        # The base class gives every address of a name the whole time-out.
        self._create_connection = partial(_connected, deadline)

    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()
        self.sock.settimeout(self._deadline.left())
        super().send(data)

    def connect(self) -> None:
        super().connect()
        # A handshake may follow.
        self.sock.settimeout(self._deadline.left())


class _SecureConnection(HTTPSConnection, _Connection):
    """The same behind TLS."""


class _HttpHandler(HTTPHandler):
    def http_open(self, req: Request) -> Any:
        return self.do_open(_Connection, req)


class _HttpsHandler(HTTPSHandler):
    def __init__(self, trust: ssl.SSLContext) -> None:
        super().__init__(context=trust)
        self._trust = trust

    def https_open(self, req: Request) -> Any:
        return self.do_open(_SecureConnection, req, context=self._trust)


def http_handler() -> HTTPHandler:
    """Return what an opener needs for http; a request's time-out is for all of it but the look-up of the name."""
    return _HttpHandler()


def https_handler(trust: ssl.SSLContext) -> HTTPSHandler:
    """Return what an opener needs for https; see ``http_handler``.

    Args:
        trust: which certificates are believed.
    """
    return _HttpsHandler(trust)


def _connected(deadline: Deadline, address: tuple[str, int], *_: object) -> socket.socket:
    failed = OSError("the host has no address")
    for found in socket.getaddrinfo(*address, type=socket.SOCK_STREAM):
        try:
            return socket.create_connection((str(found[4][0]), address[1]), deadline.left())
        except OSError as error:
            failed = error
    raise failed


def _response(deadline: Deadline, sock: socket.socket, *args: Any, **kwargs: Any) -> HTTPResponse:
    response = HTTPResponse(sock, *args, **kwargs)
    response.fp.close()
    response.fp = io.BufferedReader(_Incoming(sock, deadline))
    return response


class _Incoming(io.RawIOBase):
    """What comes through a socket until a deadline."""

    def __init__(self, sock: socket.socket, deadline: Deadline) -> None:
        super().__init__()
        self._sock = sock
        self._deadline = deadline
        # Keeps the socket open, which the connection closes as soon as the headers are there.
        self._raw = sock.makefile("rb", buffering=0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._sock.settimeout(self._deadline.left())
        return self._raw.readinto(buffer)

    def close(self) -> None:
        super().close()
        self._raw.close()
