"""What stands between a client and its server, for tests of what happens when the way there is bad."""

from __future__ import annotations

import socket
import threading
from abc import ABC, abstractmethod
from contextlib import suppress
from typing import Self


class Between(ABC):
    """Listens on a port of its own; each connection there gets one to the server. As a context manager it ends them."""

    def __init__(self) -> None:
        self.sockets: list[socket.socket] = []
        """Of all connections so far, both ways."""
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    @abstractmethod
    def reach(self) -> socket.socket:
        """Return a new connection to the server."""

    @abstractmethod
    def join(self, near: socket.socket, far: socket.socket) -> None:
        """Pass on between the client and the server, on threads; must return at once."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        # Only so does the wait for the next connection end, and none comes in behind what is closed here.
        with suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._accepting.join(10)
        self._server.close()
        for one in self.sockets:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _accept(self) -> None:
        while True:
            try:
                near = self._server.accept()[0]
            except OSError:
                return
            self.sockets.append(near)
            try:
                far = self.reach()
            except OSError:
                near.close()
                continue
            self.sockets.append(far)
            self.join(near, far)
