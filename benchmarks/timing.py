"""Timing peers side by side."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Mapping


def best_micros(jobs: Mapping[str, Callable[[], object]], *, rounds: int, calls: int) -> dict[str, float]:
    """Return the microseconds that one call of each job takes at best.

    The jobs take turns, so that whatever else the machine does troubles all of them alike.

    Args:
        jobs: by name.
        rounds: turns of each job, 1 or more.
        calls: of a job in one turn, 1 or more.
    """
    best = dict.fromkeys(jobs, float("inf"))
    enabled = gc.isenabled()
    gc.disable()
    try:
        for _ in range(rounds):
            for name, job in jobs.items():
                start = time.perf_counter_ns()
                for _ in range(calls):
                    job()
                best[name] = min(best[name], (time.perf_counter_ns() - start) / calls / 1000)
    finally:
        if enabled:
            gc.enable()
    return best
