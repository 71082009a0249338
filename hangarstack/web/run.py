"""The web app as a process."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final

from hangarstack.producers.health import HealthReporter
from hangarstack.settings import Settings
from hangarstack.telemetry.logs import configure
from hangarstack.web import wiring
from hangarstack.web.app import create_app
from hangarstack.web.asgi import create_asgi
from hangarstack.web.live import snapshot
from hangarstack.web.ports import ContractPages
from hangarstack.web.server import COMPONENT, listen, serve
from hangarstack.web.site import EXTENSION
from hangarstack.web.stream import Broadcaster
from hangarstack.web.warming import warm

_SHARE: Final = 0.8
"""Of the time to drain, what pages and producer may take together; the rest is for the way out."""
_LEAST_FOR_PRODUCER_S: Final = 0.5


def run(
    settings: Settings, stop: threading.Event, *, contracts: ContractPages, announce: Callable[[str], None]
) -> None:
    """Serve the site until it is asked to stop; blocks. Accepted events are delivered on the way out, if there is time.

    Args:
        settings: all of it.
        stop: asks it to stop.
        contracts: makes the pages about the contracts.
        announce: is told one line when the site can be visited, and one at the end if events stay spooled.

    Raises:
        PortTakenError: another process listens there.
        StoreError: the catalogue cannot be read.
        SpoolError: the spool cannot be opened.
    """
    configure(settings, COMPONENT)
    sock = listen(settings)
    with sock:
        producer = wiring.producer(settings)
        deps = wiring.wire(settings, producer, contracts)
        app = create_app(settings, deps=deps)
        site = app.extensions[EXTENSION]
        broadcaster = Broadcaster(lambda: snapshot(site.insights, deps.catalogue, deps.sink))
        asgi = create_asgi(app, broadcaster, threads=settings.web_threads)
        reporter = HealthReporter(producer, COMPONENT, gauges=lambda: {"listeners": float(broadcaster.listeners)})
        stopped_at = [time.monotonic()]

        def stopping() -> None:
            stopped_at[0] = time.monotonic()
            broadcaster.close()

        reporter.start()
        warm(site)
        announce(f"HangarStack answers at http://{settings.http_host}:{sock.getsockname()[1]}")
        try:
            serve(settings, asgi, sock, stop, stopping=stopping)
        finally:
            reporter.stop()
            left_s = stopped_at[0] + settings.drain_s * _SHARE - time.monotonic()
            left = producer.close(max(_LEAST_FOR_PRODUCER_S, left_s))
            if left:
                announce(f"{left} accepted events stay spooled; the next start delivers them.")
