"""Visitors side by side, at a given rate, for a given time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import urllib3

from hangarstack.errors import TrafficError
from hangarstack.simulate.client import Browser, Outcome
from hangarstack.simulate.plan import Popularity, Subject, visitor

PATIENCE_S: Final = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """How much traffic: ``visitors`` side by side, together ``rate`` steps a second for ``duration_s`` seconds."""

    visitors: int
    rate: float
    duration_s: float
    seed: int

    @property
    def steps(self) -> int:
        """How many steps that is."""
        return round(self.rate * self.duration_s)


class Traffic:
    """Runs a load. Step ``k`` is due ``k / rate`` seconds after the start and belongs to visitor ``k mod visitors``,
    so the same seed does the same steps whatever the machine's speed.

    Args:
        address: ``http://host:port`` of the web app.
        subjects: the aircraft to look at.
        load: how much.
        heard: called from the visitors' threads, one at a time, with each outcome.
        patience_s: how long they go on while nobody at all is answered, in seconds.
    """

    def __init__(
        self,
        address: str,
        subjects: Sequence[Subject],
        load: Load,
        heard: Callable[[Outcome], None],
        *,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._address = address
        self._popularity = Popularity(subjects, load.seed)
        self._load = load
        self._heard = heard
        self._patience_s = patience_s
        self._answered_at = 0.0
        self._hearing = threading.Lock()
        self._stop = threading.Event()
        self._pool = urllib3.PoolManager(num_pools=1, maxsize=load.visitors, block=False)

    def run(self) -> None:
        """Block until every step is done; an interrupt ends every visit after the request that it is in.

        Raises:
            TrafficError: nobody has been answered for ``patience_s`` seconds.
        """
        started = self._answered_at = time.monotonic()
        with ThreadPoolExecutor(self._load.visitors, thread_name_prefix="visitor") as threads:
            visits = [threads.submit(self._visit, number, started) for number in range(self._load.visitors)]
            try:
                for visit in visits:
                    visit.result()
            except BaseException:
                self._stop.set()
                raise
        self._pool.clear()
        if self._is_away():
            raise TrafficError(
                f"nobody has been answered for {self._patience_s:g} s",
                where=self._address,
                remedy="Has the web app ended? What it accepted is kept, and counted when it runs again",
            )

    def _visit(self, number: int, started: float) -> None:
        browser = Browser(self._pool, self._address, self._patience_s, lambda: self._stop.is_set() or self._is_away())
        steps = range(number, self._load.steps, self._load.visitors)
        for step, action in zip(steps, visitor(self._load.seed, number, self._popularity), strict=False):
            due = started + step / self._load.rate
            if self._stop.wait(max(0.0, due - time.monotonic())):
                return
            for outcome in browser.perform(action):
                with self._hearing:
                    if outcome.status:
                        self._answered_at = time.monotonic()
                    self._heard(outcome)
            if self._is_away():
                return

    def _is_away(self) -> bool:
        return time.monotonic() - self._answered_at > self._patience_s
