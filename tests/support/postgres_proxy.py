"""A way to PostgreSQL that a test may turn into a black hole: what is sent is acknowledged and never arrives."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from sqlalchemy import make_url


class Proxy:
    """Passes bytes on between its port and a server.

    Args:
        url: of the database.
    """

    def __init__(self, url: str) -> None:
        self._url = make_url(url)
        self._sockets: list[socket.socket] = []
        self._holes: set[socket.socket] = set()
        self._server = socket.create_server(("127.0.0.1", 0))
        self.url = self._url.set(host="127.0.0.1", port=self._server.getsockname()[1], query={}).render_as_string(
            hide_password=False
        )
        threading.Thread(target=self._accept, daemon=True).start()

    def swallow(self) -> None:
        """Swallow whatever the connections of now say from now on; new ones are good."""
        self._holes.update(self._sockets)

    def close(self) -> None:
        """End all connections."""
        self._server.close()
        for one in self._sockets:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, far = self._server.accept()[0], self._far()
                self._sockets += [near, far]
                for pair in ((near, far), (far, near)):
                    threading.Thread(target=self._pass_on, args=pair, daemon=True).start()

    def _far(self) -> socket.socket:
        directory = self._url.query.get("host")
        if directory is None:
            return socket.create_connection((self._url.host or "127.0.0.1", self._url.port or 5432))
        far = socket.socket(socket.AF_UNIX)
        far.connect(f"{directory}/.s.PGSQL.{self._url.port or 5432}")
        return far

    def _pass_on(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65_536):
                if source not in self._holes:
                    target.sendall(data)
            if source not in self._holes:
                target.shutdown(socket.SHUT_WR)


@contextmanager
def proxied(url: str) -> Iterator[Proxy]:
    """Yield a proxy to a database."""
    proxy = Proxy(url)
    try:
        yield proxy
    finally:
        proxy.close()
