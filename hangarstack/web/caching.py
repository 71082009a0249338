"""Answers kept for a moment, so that a page costs a look-up and not a query."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Final, Generic, TypeVar

from hangarstack.errors import StoreError
from hangarstack.web.metrics import READ_FAILURES

T = TypeVar("T")
K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

FRESH_S: Final = 1.0
"""How old an answer from a read model may be, in seconds."""


class Fresh(Generic[T]):
    """One value that is read again when it is older than ``ttl_s``; safe to share between threads.

    One thread reads while the others go on with the value before. A store that does not answer leaves the
    value before, or ``fallback``: a page shows a gap rather than an error.

    Args:
        name: what is read, for the metric of failures.
        load: reads it; blocks on a store.
        fallback: the value until a first one was read.
        ttl_s: how old a value may be, in seconds.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        name: str,
        load: Callable[[], T],
        fallback: T,
        *,
        ttl_s: float = FRESH_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._name = name
        self._load = load
        self._ttl_s = ttl_s
        self._clock = clock
        self._value = fallback
        self._due = float("-inf")
        self._ever = False
        self._loading = threading.Lock()

    def get(self) -> T:
        """Return the value; reads it when it is too old and nobody else does, or when there is none yet."""
        if self._clock() >= self._due and self._loading.acquire(blocking=not self._ever):
            try:
                if self._clock() >= self._due:
                    self._read()
            finally:
                self._loading.release()
        return self._value

    def _read(self) -> None:
        try:
            self._value = self._load()
        except StoreError:
            READ_FAILURES.labels(self._name).inc()
        self._ever = True
        self._due = self._clock() + self._ttl_s


class Recent(Generic[K, V]):
    """The last ``room`` values by key, each made once; values never change under a key.

    Args:
        room: how many are kept.
    """

    def __init__(self, room: int) -> None:
        self._room = room
        self._kept: OrderedDict[K, V] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: K, make: Callable[[], V]) -> V:
        """Return the value of a key, made by ``make`` (outside any lock) when it is not kept."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        value = make()
        with self._lock:
            self._kept[key] = value
            while len(self._kept) > self._room:
                self._kept.popitem(last=False)
        return value
