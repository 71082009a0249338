"""Ready and alive checks of the parts, over loopback."""

from __future__ import annotations

import errno
import http.client
import json
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Final

from hangarstack.errors import PortTakenError
from hangarstack.telemetry.runfile import run_file

_TIMEOUT_S: Final = 1.0


def http_ok(host: str, port: int, path: str) -> bool:
    """Tell whether a GET answers 200 within a second."""
    connection = http.client.HTTPConnection(host, port, timeout=_TIMEOUT_S)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def tcp_open(host: str, port: int) -> bool:
    """Tell whether somebody listens there."""
    try:
        with socket.create_connection((host, port), timeout=_TIMEOUT_S):
            return True
    except OSError:
        return False


def probe(home: Path, component: str, path: str) -> Callable[[int], bool]:
    """Return a check of the probe endpoint that the component's own run file names.

    Another process of the same component may run beside it, on the same HOME.
    """

    def check(pid: int) -> bool:
        try:
            entry = json.loads(run_file(home, component, pid).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return False
        return http_ok("127.0.0.1", entry["port"], path)

    return check


def require_free(host: str, port: int, *, what: str, variable: str) -> None:
    """Raise PortTakenError when another process listens there.

    Args:
        host: the address that ``what`` is to listen on.
        port: its port; 0 always passes.
        what: who wants the port, for the message.
        variable: the setting that moves it.
    """
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe_socket:
        probe_socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe_socket.bind((host, port))
        except OSError as error:
            taken = error.errno == errno.EADDRINUSE
            remedy = (
                f"Stop what uses the port, or set {variable} to another" if taken else f"Mend the address or {variable}"
            )
            raise PortTakenError(
                f"{what} cannot listen there: {error.strerror}", where=f"{host}:{port}", remedy=remedy
            ) from error
