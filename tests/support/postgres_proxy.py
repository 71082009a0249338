"""A way to PostgreSQL that a test may turn into a black hole: what is sent is acknowledged and never arrives."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress

from sqlalchemy import make_url

from tests.support.between import Between


class PostgresProxy(Between):
    """Passes bytes on between its port and a server.

    Args:
        url: of the database.
    """

    def __init__(self, url: str) -> None:
        self._server_url = make_url(url)
        self._holes: set[socket.socket] = set()
        super().__init__()
        self.url = self._server_url.set(host="127.0.0.1", port=self.port, query={}).render_as_string(
            hide_password=False
        )

    def swallow(self) -> None:
        """Swallow whatever the connections of now say from now on; new ones are good."""
        self._holes.update(self.sockets)

    def reach(self) -> socket.socket:
        """Return a new connection to the server, by the socket in its directory if the URL names one."""
        directory = self._server_url.query.get("host")
        if directory is None:
            return socket.create_connection((self._server_url.host or "127.0.0.1", self._server_url.port or 5432))
        far = socket.socket(socket.AF_UNIX)
        far.connect(f"{directory}/.s.PGSQL.{self._server_url.port or 5432}")
        return far

    def join(self, near: socket.socket, far: socket.socket) -> None:
        """Pass on what is said either way, as long as the connection is no hole."""
        for pair in ((near, far), (far, near)):
            threading.Thread(target=self._pass_on, args=pair, daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65_536):
                if source not in self._holes:
                    target.sendall(data)
            if source not in self._holes:
                target.shutdown(socket.SHUT_WR)
