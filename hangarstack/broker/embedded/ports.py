"""Free ports for a Kafka that is only there for a while."""

from __future__ import annotations

import random
import socket
from typing import Final

from hangarstack.broker.config import LOOPBACK
from hangarstack.errors import PortTakenError

_TRIES: Final = 50
_LOWEST: Final = 20_000
_HIGHEST: Final = 29_000
"""Below what systems give to outgoing connections: one of those could take the port while a node is being restarted,
even the very client that tries to reach it."""


def free_port_pair() -> int:
    """Return a port on loopback that is free together with the next one; somebody may take it right after.

    Raises:
        PortTakenError: no such pair was found.
    """
    for _ in range(_TRIES):
        with socket.socket() as first, socket.socket() as second:
            port = random.randrange(_LOWEST, _HIGHEST, 2)  # noqa: S311 - not a secret
            try:
                first.bind((LOOPBACK, port))
                second.bind((LOOPBACK, port + 1))
            except OSError:
                continue
            return port
    raise PortTakenError("no two neighbouring ports are free", where=LOOPBACK)
