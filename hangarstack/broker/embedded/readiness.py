"""Is a Kafka there? Asked without a client, so that the process that supervises it stays small."""

from __future__ import annotations

import socket
import struct
from typing import Final

_API_VERSIONS: Final = 18
_CORRELATION: Final = 4711
_ANSWER_LIMIT: Final = 65_536


def answers(host: str, port: int, *, timeout_s: float = 1.0) -> bool:
    """Tell whether a Kafka serves requests on a plaintext port; blocks at most about twice ``timeout_s``.

    A node that still starts up accepts the connection and does not answer.
    """
    client = b"hangarstack"
    body = struct.pack(f">hhih{len(client)}s", _API_VERSIONS, 0, _CORRELATION, len(client), client)
    try:
        with socket.create_connection((host, port), timeout_s) as connection:
            connection.sendall(struct.pack(">i", len(body)) + body)
            size, correlation = struct.unpack(">ii", _exactly(connection, 8))
    except OSError:
        return False
    return bool(correlation == _CORRELATION and 4 < size < _ANSWER_LIMIT)


def _exactly(connection: socket.socket, count: int) -> bytes:
    received = b""
    while len(received) < count:
        part = connection.recv(count - len(received))
        if not part:
            raise ConnectionResetError("closed before it answered")
        received += part
    return received
