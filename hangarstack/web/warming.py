"""What the first visitors would otherwise wait for."""

from __future__ import annotations

import gc
import logging
import threading
import time

from hangarstack.web.live import snapshot
from hangarstack.web.site import Site

_PAUSE_S = 0.002
_log = logging.getLogger(__name__)


def warm(site: Site) -> None:
    """Render every aircraft's unchanging parts, on a thread of its own; returns at once.

    Afterwards what lives is taken out of the garbage collector's sight: its full rounds would stop the pages for
    tens of milliseconds each to find that nothing of it has gone.
    """
    threading.Thread(target=_warm, args=(site,), name="warming", daemon=True).start()


def _warm(site: Site) -> None:
    try:
        snapshot(site.insights, site.deps.catalogue, site.deps.sink)
        for aircraft in site.deps.catalogue.all():
            site.fragments.card(aircraft)
            site.fragments.body(aircraft)
            site.fragments.outlines(aircraft)
            # Visitors come first: each aircraft takes a few milliseconds of the interpreter.
            time.sleep(_PAUSE_S)
    except Exception:  # noqa: BLE001 - only speed is lost: a page makes what it needs, and tells if that fails
        _log.exception("not everything is warm")
    gc.collect()
    gc.freeze()
