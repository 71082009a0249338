"""A way to Kafka on which some clients are not heard: what they say is taken and never answered."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import suppress
from typing import Final

from tests.support.between import Between

_ADDRESSES: Final = frozenset({3, 10, 60})
"""The requests whose answers name brokers' ports: Metadata, FindCoordinator, DescribeCluster."""


class KafkaProxy(Between):
    """Passes requests and responses on between its port and one broker, which clients then know by this port.

    Args:
        bootstrap_servers: the one broker, ``127.0.0.1:port``.
    """

    def __init__(self, bootstrap_servers: str) -> None:
        host, port = bootstrap_servers.rsplit(":", 1)
        self._broker = (host, int(port))
        self.unheard: set[str] = set()
        """The ``client.id`` of those whose requests are swallowed, on whatever connection."""
        self.answers = True
        """Whether responses are passed on; requests are, whether they will be answered or not."""
        super().__init__()
        self.bootstrap_servers = f"127.0.0.1:{self.port}"

    def cut(self) -> None:
        """End all connections; new ones are taken."""
        for one in self.sockets:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def reach(self) -> socket.socket:
        """Return a new connection to the broker."""
        return socket.create_connection(self._broker)

    def join(self, near: socket.socket, far: socket.socket) -> None:
        """Pass on requests that are heard, and responses with this port in place of the broker's."""
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
        ours, theirs = struct.pack(">i", self.port), struct.pack(">i", self._broker[1])
        with suppress(OSError):
            for frame in _frames(far):
                names_ports = asked.pop(struct.unpack_from(">i", frame)[0]) in _ADDRESSES
                if self.answers:
                    answer = frame.replace(theirs, ours) if names_ports else frame
                    near.sendall(struct.pack(">i", len(answer)) + answer)
            near.shutdown(socket.SHUT_WR)


def _frames(source: socket.socket) -> Iterator[bytes]:
    stream = source.makefile("rb")
    while len(head := stream.read(4)) == 4:
        yield stream.read(struct.unpack(">i", head)[0])
