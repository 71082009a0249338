"""Free ports for a Kafka that is only there for a while."""

from __future__ import annotations

import socket
from typing import Final

from hangarstack.broker.config import LOOPBACK
from hangarstack.errors import PortTakenError

_TRIES: Final = 50


def free_port_pair() -> int:
    """Return a port on loopback that is free together with the next one; somebody may take it right after.

    Raises:
        PortTakenError: no such pair was found.
    """
    for _ in range(_TRIES):
        with socket.socket() as first, socket.socket() as second:
            first.bind((LOOPBACK, 0))
            port: int = first.getsockname()[1]
            try:
                second.bind((LOOPBACK, port + 1))
            except (OSError, OverflowError):
                continue
            return port
    raise PortTakenError("no two neighbouring ports are free", where=LOOPBACK)
