"""Commands that read a whole tree, without the collector of garbage."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Let no garbage be looked for: nearly all that is made lives to the end, and looking takes half the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        # What lives is old now; else the first look after this would be at all of it.
        gc.freeze()
        gc.unfreeze()
        if was_on:
            gc.enable()
