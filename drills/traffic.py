"""Events at a steady rate, published as the web app does, and a note of each that was accepted."""

from __future__ import annotations

import itertools
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from types import TracebackType
from typing import Any, Final, Protocol, Self

from drills.stage import Stage
from drills.waiting import Work
from hangarstack.errors import HangarStackError
from hangarstack.events.runtime.codec import Codec
from hangarstack.events.runtime.ids import new_event_id, now
from hangarstack.producers.producer import EventProducer

AIRCRAFT: Final = 120
TWICE_EVERY: Final = 10
_TURN_S: Final = 0.01
_SLOWER: Final = 5
"""How much longer than at their rate events may take, on a machine that has other work."""
_SPARE_S: Final = 60.0


class Published(Protocol):
    """What the books must know of published events."""

    @property
    def events(self) -> int | None:
        """How many different ones were to be published; None: as many as the rate makes."""

    @property
    def share(self) -> float | None:
        """Of the events that the rate made due, the share that was offered; None where a number was named."""

    @property
    def accepted(self) -> Counter[str]:
        """Different events that were accepted, by aircraft."""

    @property
    def refused(self) -> int:
        """How often ``publish`` took none."""

    @property
    def spooled(self) -> int:
        """How many records wait for their acknowledgement."""


class Traffic:
    """Publishes from a thread of its own; a context manager that ends it.

    Each tenth event is published twice: the same event, which must be counted once.

    Args:
        stage: where to.
        events: how many different ones, after which the thread ends; None: until it is stopped.
        per_second: how many a second.
        codec: of the events; None: the current one.
        each: called with the number of each event before it is published.
    """

    def __init__(
        self,
        stage: Stage,
        *,
        events: int | None = None,
        per_second: float,
        codec: Codec[Any] | None = None,
        each: Callable[[int], None] = lambda _number: None,
    ) -> None:
        self.events = events
        self.accepted: Counter[str] = Counter()
        """Different events that were accepted, by aircraft."""
        self.records = 0
        """How many ``publish`` took, second copies included."""
        self.refused = 0
        """How often ``publish`` took none."""
        self.slowest_s = 0.0
        """The longest that a ``publish`` took."""
        self._stage = stage
        self._per_second = per_second
        self._each = each
        self._random = random.Random(stage.seed)
        codec = codec or stage.codec()
        self._event_type = codec.event_type
        self._source = vars(sys.modules[codec.event_type.__module__])["ViewSource"].SEARCH
        self.producer = EventProducer(stage.settings, "drill", codecs=[codec])
        self._offered = 0
        self._began = self._stopped = 0.0
        self._stopping = threading.Event()
        self._thread = Work(self._run, "traffic")

    @property
    def share(self) -> float | None:
        """Of the events that were due until ``stop``, the share that was offered; None where a number was named."""
        if self.events is not None:
            return None
        return self._offered / (self._per_second * (self._stopped - self._began))

    @property
    def spooled(self) -> int:
        """How many records wait for their acknowledgement."""
        return self.producer.spooled

    def join(self, *, spare_s: float = _SPARE_S) -> None:
        """Wait until all are published; fails when one cannot be, or by far more than the time that they take.

        Args:
            spare_s: seconds on top of it.
        """
        assert self.events is not None, "traffic without an end is stopped, not joined"
        within_s = longest_s(self.events, self._per_second, spare_s=spare_s)
        self._thread.wait(f"{self.events:,} events are published", within_s)

    def stop(self) -> None:
        """Publish no more; fails when one could not be published, or that under way is not taken in time."""
        if not self._stopping.is_set():
            self._stopped = time.monotonic()
        self._stopping.set()
        self._thread.wait("an event that is being published is taken", _SPARE_S)

    def _run(self) -> None:
        for number in itertools.count() if self.events is None else range(self.events):
            while (early := self._began + number / self._per_second - time.monotonic()) > 0:
                if self._stopping.wait(max(_TURN_S, early)):
                    return
            if self._stopping.is_set():
                return
            self._each(number)
            self._publish(number)
            self._offered += 1
            if self.events is not None and number % 500 == 0:
                self._stage.tell("events flow", number / self.events)

    def _publish(self, number: int) -> None:
        aircraft = f"aircraft-{self._random.randrange(AIRCRAFT)}"
        # Sessions of three views, as visitors have them.
        event = self._event_type(
            event_id=new_event_id(),
            occurred_at=now(),
            aircraft_id=aircraft,
            session_id=f"session-{number // 3}",
            source=self._source,
        )
        taken = [self._take(event) for _ in range(2 if number % TWICE_EVERY == 1 else 1)]
        self.accepted[aircraft] += any(taken)
        self.records += sum(taken)

    def _take(self, event: object) -> bool:
        began = time.monotonic()
        try:
            self.producer.publish(event)
        except HangarStackError:
            self.refused += 1
            return False
        finally:
            self.slowest_s = max(self.slowest_s, time.monotonic() - began)
        return True

    def __enter__(self) -> Self:
        self._began = time.monotonic()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.stop()
        finally:
            self.producer.close(0 if kind else 10)


def longest_s(events: int, per_second: float, *, spare_s: float = _SPARE_S) -> float:
    """Return the seconds within which so many events are published, even on a machine that has other work."""
    return _SLOWER * events / per_second + spare_s


__all__ = ["AIRCRAFT", "TWICE_EVERY", "Published", "Traffic", "longest_s"]
