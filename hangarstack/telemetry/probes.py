"""The health, readiness and metrics endpoint of a process that serves no pages."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from typing import Any, Final
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import make_wsgi_app

from hangarstack.errors import PortTakenError
from hangarstack.settings import Settings
from hangarstack.telemetry.runfile import announced

Ready = Callable[[], tuple[bool, dict[str, object]]]
"""Tells whether the process is ready, and details for a person; must not block."""


_POLL_S: Final = 0.1
_PATIENCE_S: Final = 2.0
"""A client that says nothing for so long is dropped: it would keep all others waiting."""


class ProbeServer:
    """Serves ``/healthz``, ``/readyz`` and ``/metrics`` on a thread of its own.

    The address is written to ``HOME/run/<component>.<pid>.json`` as ``{"pid": int, "port": int}``.

    Args:
        settings: ``probe_host``, ``probe_port`` (0: any free port) and ``home`` count.
        component: the name under which the supervisor and ``doctor`` look for it, such as ``popularity``.
        ready: asked at each ``/readyz``; ``(False, details)`` answers 503.

    Raises:
        PortTakenError: the port is in use.
    """

    def __init__(self, settings: Settings, component: str, ready: Ready) -> None:
        self._ready = ready
        self._metrics = make_wsgi_app()
        try:
            self._server: WSGIServer = make_server(
                settings.probe_host,
                settings.probe_port,
                self._answer,
                server_class=_Server,
                handler_class=_Silent,
            )
        except OSError as error:
            raise PortTakenError(
                f"the health endpoint of {component} cannot listen: {error.strerror}",
                where=f"{settings.probe_host}:{settings.probe_port}",
                remedy="Set HANGARSTACK_PROBE_PORT to a free port, or 0 for any",
            ) from error
        self.port: int = self._server.server_port
        self._announcement = ExitStack()
        self._announcement.enter_context(announced(settings.home, component, self.port))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(_POLL_S,), name="probes", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop serving and remove the run file; waits for the thread, which is idle or answering."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        self._announcement.close()

    def _answer(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path == "/metrics":
            body: Iterable[bytes] = self._metrics(environ, start_response)
            return body
        if path == "/healthz":
            return _json(start_response, "200 OK", {"status": "alive"})
        if path == "/readyz":
            ready, details = self._ready()
            status = "200 OK" if ready else "503 Service Unavailable"
            return _json(start_response, status, {"status": "ready" if ready else "not ready", **details})
        return _json(start_response, "404 Not Found", {"status": "unknown path"})


class _Server(WSGIServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """Keep clients that go away, or that say nothing, out of the log."""


class _Silent(WSGIRequestHandler):
    timeout = _PATIENCE_S

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the base class's
        """Keep probes out of the log."""


def _json(start_response: Any, status: str, body: dict[str, object]) -> list[bytes]:
    data = json.dumps(body, default=str).encode()
    start_response(status, [("Content-Type", "application/json"), ("Content-Length", str(len(data)))])
    return [data]
