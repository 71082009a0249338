"""Events at a steady rate, published as the web app does, and a note of each that was accepted."""

from __future__ import annotations

import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from types import TracebackType
from typing import Any, Final, Protocol, Self

from drills.stage import Stage
from hangarstack.errors import HangarStackError
from hangarstack.events.runtime.codec import Codec
from hangarstack.events.runtime.ids import new_event_id, now
from hangarstack.producers.producer import EventProducer

AIRCRAFT: Final = 120
TWICE_EVERY: Final = 10
_TURN_S: Final = 0.01


class Published(Protocol):
    """What the books must know of published events."""

    @property
    def accepted(self) -> Counter[str]:
        """Different events that were accepted, by aircraft."""

    @property
    def spooled(self) -> int:
        """How many records wait for their acknowledgement."""


class Traffic:
    """Publishes from a thread of its own; a context manager that ends it.

    Each tenth event is published twice: the same event, which must be counted once.

    Args:
        stage: where to.
        events: how many different ones; the thread ends after them.
        per_second: how many a second.
        codec: of the events; None: the current one.
        each: called with the number of each event before it is published.
    """

    def __init__(
        self,
        stage: Stage,
        *,
        events: int,
        per_second: float,
        codec: Codec[Any] | None = None,
        each: Callable[[int], None] = lambda _number: None,
    ) -> None:
        self.accepted: Counter[str] = Counter()
        """Different events that were accepted, by aircraft."""
        self.records = 0
        """How many ``publish`` took, second copies included."""
        self.refused = 0
        self.slowest_s = 0.0
        """The longest that a ``publish`` took."""
        self._stage = stage
        self._events = events
        self._per_second = per_second
        self._each = each
        self._random = random.Random(stage.seed)
        codec = codec or stage.codec()
        self._event_type = codec.event_type
        self._source = vars(sys.modules[codec.event_type.__module__])["ViewSource"].SEARCH
        self.producer = EventProducer(stage.settings, "drill", codecs=[codec])
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="traffic")

    @property
    def spooled(self) -> int:
        """How many records wait for their acknowledgement."""
        return self.producer.spooled

    def join(self) -> None:
        """Wait until all are published."""
        self._thread.join()

    def stop(self) -> None:
        """Publish no more."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        began = time.monotonic()
        for number in range(self._events):
            while (early := began + number / self._per_second - time.monotonic()) > 0:
                if self._stopping.wait(max(_TURN_S, early)):
                    return
            if self._stopping.is_set():
                return
            self._each(number)
            self._publish(number)
            if number % 500 == 0:
                self._stage.tell("events flow", number / self._events)

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
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        self.producer.close(0 if kind else 10)


__all__ = ["AIRCRAFT", "TWICE_EVERY", "Published", "Traffic"]
