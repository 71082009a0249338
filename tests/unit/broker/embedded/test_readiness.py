from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from hangarstack.broker.embedded.readiness import answers


@contextmanager
def _server(behave: Callable[[socket.socket], None]) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                behave(connection)

        thread = threading.Thread(target=serve)
        thread.start()
        yield listener.getsockname()[1]
        thread.join(5)


def test_a_port_where_nobody_listens_is_not_ready() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        assert not answers("127.0.0.1", held.getsockname()[1])


def test_a_node_that_accepts_and_stays_silent_is_not_ready_in_bounded_time() -> None:
    def starting(connection: socket.socket) -> None:
        connection.recv(1)
        time.sleep(0.5)

    began = time.monotonic()
    with _server(starting) as port:
        assert not answers("127.0.0.1", port, timeout_s=0.2)
    assert time.monotonic() - began < 3


def test_something_that_is_no_kafka_is_not_ready() -> None:
    with _server(lambda connection: connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as port:
        assert not answers("127.0.0.1", port)


def test_a_node_that_answers_the_request_is_ready() -> None:
    def kafka(connection: socket.socket) -> None:
        request = connection.recv(1024)
        (correlation,) = struct.unpack_from(">i", request, 8)
        connection.sendall(struct.pack(">iih", 6, correlation, 0))

    with _server(kafka) as port:
        assert answers("127.0.0.1", port)
