"""A way to Kafka on which some clients are not heard: what they say is taken and never answered."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

_ADDRESSES: Final = frozenset({3, 10, 60})
"""The requests whose answers name brokers' ports: Metadata, FindCoordinator, DescribeCluster."""


class KafkaProxy:
    """Passes requests and responses on between its port and one broker, which clients then know by this port.

    Args:
        bootstrap_servers: the one broker, ``127.0.0.1:port``.
    """

    def __init__(self, bootstrap_servers: str) -> None:
        host, port = bootstrap_servers.rsplit(":", 1)
        self._far = (host, int(port))
        self._sockets: list[socket.socket] = []
        self._server = socket.create_server(("127.0.0.1", 0))
        self._port = self._server.getsockname()[1]
        self.bootstrap_servers = f"127.0.0.1:{self._port}"
        self.unheard: set[str] = set()
        """The ``client.id`` of those whose requests are swallowed, on whatever connection."""
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """End all connections, and let in no more."""
        self._server.close()
        for one in self._sockets:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, far = self._server.accept()[0], socket.create_connection(self._far)
                self._sockets += [near, far]
                asked: dict[int, int] = {}
                threading.Thread(target=self._requests, args=(near, far, asked), daemon=True).start()
                threading.Thread(target=self._responses, args=(far, near, asked), daemon=True).start()

    def _requests(self, near: socket.socket, far: socket.socket, asked: dict[int, int]) -> None:
        with suppress(OSError):
            for frame in _frames(near):
                api, _version, correlation, length = struct.unpack_from(">hhih", frame)
                asked[correlation] = api
                if frame[10 : 10 + length].decode() not in self.unheard:
                    far.sendall(struct.pack(">i", len(frame)) + frame)
            far.shutdown(socket.SHUT_WR)

    def _responses(self, far: socket.socket, near: socket.socket, asked: dict[int, int]) -> None:
        ours, theirs = struct.pack(">i", self._port), struct.pack(">i", self._far[1])
        with suppress(OSError):
            for frame in _frames(far):
                names_ports = asked.pop(struct.unpack_from(">i", frame)[0]) in _ADDRESSES
                near.sendall(struct.pack(">i", len(frame)) + (frame.replace(theirs, ours) if names_ports else frame))
            near.shutdown(socket.SHUT_WR)


def _frames(source: socket.socket) -> Iterator[bytes]:
    stream = source.makefile("rb")
    while len(head := stream.read(4)) == 4:
        yield stream.read(struct.unpack(">i", head)[0])


@contextmanager
def kafka_proxied(bootstrap_servers: str) -> Iterator[KafkaProxy]:
    """Yield a proxy to a broker."""
    proxy = KafkaProxy(bootstrap_servers)
    try:
        yield proxy
    finally:
        proxy.close()
