"""Answers kept for a moment, so that a page costs a look-up and not a query."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future, wait
from typing import Final, Generic, TypeVar

from hangarstack.errors import StoreError
from hangarstack.web.metrics import READ_FAILURES

T = TypeVar("T")
K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

FRESH_S: Final = 1.0
"""How old an answer from a read model may be, in seconds."""
_PATIENCE_S: Final = 0.5
"""A page waits so long for a value; a database that is well answers sooner."""
_REST_S: Final = 5.0
"""After a wait for nothing nobody asks for so long."""


class Rest:
    """Whether a store is left alone because it kept somebody waiting; shared by all that is read from it. Thread-safe.

    Args:
        clock: monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._until = float("-inf")

    @property
    def lasts(self) -> bool:
        """Whether the store is left alone now."""
        return self._clock() < self._until

    def begin(self) -> None:
        """Leave the store alone for some seconds."""
        self._until = self._clock() + _REST_S

    def end(self) -> None:
        """Ask it again: it has answered."""
        self._until = float("-inf")


class Fresh(Generic[T]):
    """One value that is read again when it is older than ``ttl_s``; safe to share between threads.

    It is read aside, on a thread of its own that ends with the process: who asks waits for half a second at most, and
    others go on with the value before. A store that fails or hangs leaves the value before, or ``fallback``: a page
    shows a gap rather than an error. What comes late is there at the next call.

    Args:
        name: what is read, for the metric of failures.
        load: reads it; blocks on a store.
        fallback: the value until a first one was read.
        ttl_s: how old a value may be, in seconds.
        clock: monotonic seconds.
        rest: of the store, shared with what else is read from it.
    """

    def __init__(
        self,
        name: str,
        load: Callable[[], T],
        fallback: T,
        *,
        ttl_s: float = FRESH_S,
        clock: Callable[[], float] = time.monotonic,
        rest: Rest | None = None,
    ) -> None:
        self._name = name
        self._load = load
        self._ttl_s = ttl_s
        self._clock = clock
        self._value = fallback
        self._due = float("-inf")
        self._ever = False
        self._rest = rest or Rest(clock)
        self._lock = threading.Lock()
        self._reading: Future[None] | None = None

    def get(self) -> T:
        """Return the value; waits for a moment when it is too old and nobody else does, or when there is none yet."""
        if self._clock() >= self._due and not self._rest.lasts:
            self._renew()
        return self._value

    def _renew(self) -> None:
        with self._lock:
            reading = self._reading
            if reading is None:
                if self._clock() < self._due:
                    return
                reading = self._begin()
            elif self._ever:
                return
        wait([reading], _PATIENCE_S)
        if reading.done():
            reading.result()
        else:
            self._rest.begin()

    def _begin(self) -> Future[None]:
        reading: Future[None] = Future()
        threading.Thread(target=self._read, args=(reading,), name="read-store", daemon=True).start()
        self._reading = reading
        return reading

    def _read(self, reading: Future[None]) -> None:
        trouble: BaseException | None = None
        try:
            self._value = self._load()
            self._rest.end()
        except StoreError:
            READ_FAILURES.labels(self._name).inc()
        except BaseException as error:  # noqa: BLE001 - who waits for the value raises it
            trouble = error
        if trouble is None:
            self._ever = True
            self._due = self._clock() + self._ttl_s
        with self._lock:
            self._reading = None
        if trouble is None:
            reading.set_result(None)
        else:
            reading.set_exception(trouble)


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
