"""A registry behind a gate that keeps what would register a schema waiting."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from tests.support.registry import Registry

_LONGEST_S = 20


class Gate:
    """Closed until it is opened.

    Args:
        registry: what lies behind it.
    """

    def __init__(self, registry: Registry) -> None:
        self.url = ""
        self.reached = threading.Event()
        self.opened = threading.Event()
        self._behind = urlsplit(registry.url).netloc

    def pass_on(self, method: str, path: str, body: bytes) -> tuple[int, bytes]:
        """Ask the registry; what would register blocks until the gate is open."""
        if method == "POST" and path.startswith("/subjects/") and urlsplit(path).path.endswith("/versions"):
            self.reached.set()
            self.opened.wait(_LONGEST_S)
        connection = http.client.HTTPConnection(self._behind, timeout=_LONGEST_S)
        try:
            connection.request(method, path, body or None, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()


@contextmanager
def gated(registry: Registry) -> Iterator[Gate]:
    """Put a gate before a registry; it is opened at the end, if it was not before."""
    gate = Gate(registry)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, answer = gate.pass_on(self.command, self.path, body)
            try:
                self.send_response(status)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)
            except OSError:
                self.close_connection = True

        do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815 - the names are the base class's

        def log_message(self, *_args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    gate.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield gate
    finally:
        gate.opened.set()
        server.shutdown()
        server.server_close()
        thread.join()
