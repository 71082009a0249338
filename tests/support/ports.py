"""Ports that nobody listens on, and that no connection of another test takes meanwhile."""

from __future__ import annotations

import random
import socket

_LOWEST, _HIGHEST = 10_000, 18_000
"""Below what systems give to outgoing connections (Linux: from 32,768; others: from 49,152), and below the pairs that
``free_port_pair`` gives: a port of those ranges may be taken between the look at it and its use."""

_given: set[int] = set()
"""Nobody gets the port of another test of this process."""


def free_port() -> int:
    """Return a TCP port of the loopback that is free now and was not given before.

    For Kafka, which takes two neighbouring ones, use ``free_port_pair``.
    """
    while True:
        port = random.randrange(_LOWEST, _HIGHEST)
        if port in _given:
            continue
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        _given.add(port)
        return port
