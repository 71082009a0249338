"""A lane: the records of one stream between their journal and the broker."""

from __future__ import annotations

import heapq
import random
from collections import Counter
from typing import Final

from hangarstack.producers.record import Stream

IN_FLIGHT: Final = 10_000
"""Records of one stream that librdkafka may hold; the rest waits, so that no topic takes all the room."""
PARKED_S: Final = 60.0
"""Seconds until a record that the broker refused for itself is tried again."""
_TRIED_AT_ONCE: Final = 100
"""Parked records that are tried again together: each takes a round trip of its own."""
_FIRST_PAUSE_S: Final = 0.2
_PARKED_AGAIN_S: Final = 600.0
_LONGEST_PAUSE_S: Final = 5.0


class Lane:
    """Which records of a stream are in flight and which wait, in the order of their tokens.

    Closed until the schema id is known. After a refusal it pauses, longer each time, then lets one record try the
    way alone. Its arrival lets two through, and each further arrival one more: what was refused together may have been
    too large together. A record that was parked is tried alone, too. Not thread-safe: the owner holds a lock.

    Args:
        stream: whose records these are.
    """

    __slots__ = (
        "_parked",
        "_parked_news_at",
        "_tried",
        "_unpark_at",
        "accepted",
        "alone",
        "delivered",
        "failures",
        "in_flight",
        "limit",
        "parked_problem",
        "paused_for",
        "prefix",
        "probe",
        "problem",
        "refused",
        "resume_at",
        "retried",
        "stream",
        "suspect_topic",
        "waiting",
    )

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.prefix = b""
        self.limit = 0
        self.in_flight = 0
        self.probe = 0
        """The record that tries the way."""
        self.alone = False
        """Whether nothing else of its topic was under way meanwhile, in this lane or another."""
        self.waiting: list[int] = []
        self._parked: list[tuple[float, int]] = []
        self._parked_news_at: dict[str, float] = {}
        self._tried: set[int] = set()
        """Records that were parked, and are tried again."""
        self._unpark_at = 0.0
        self.parked_problem = ""
        self.failures = 0
        self.resume_at = 0.0
        self.problem = ""
        self.paused_for = ""
        self.suspect_topic = False
        self.accepted = 0
        self.delivered = 0
        self.retried = 0
        self.refused: Counter[str] = Counter()

    def open(self, prefix: bytes) -> None:
        """Let records through, each framed with this prefix."""
        self.prefix = prefix
        self._recover()
        self.limit = IN_FLIGHT

    def wait(self, token: int) -> None:
        """Queue a record in its place."""
        heapq.heappush(self.waiting, token)

    def take(self) -> int:
        """Remove and return the record that is first in order."""
        return heapq.heappop(self.waiting)

    def is_due(self, now: float) -> bool:
        """Tell whether something can be done for a waiting record at this instant (monotonic seconds)."""
        self._unpark(now)
        return bool(self.waiting) and now >= self.resume_at and (self.in_flight < self.limit or not self.prefix)

    def due_at(self) -> float | None:
        """Return when the passing of time alone makes the lane due; None: it does not."""
        times = [max(at, self._unpark_at) for at, _ in self._parked[:1]]
        if self.waiting and (self.in_flight < self.limit or not self.prefix):
            times.append(self.resume_at)
        return min(times, default=None)

    def is_held(self, now: float) -> bool:
        """Tell whether waiting records cannot go on before a pause is over."""
        return now < self.resume_at or self.failures > 0

    def sent(self, token: int, *, alone: bool) -> None:
        """Count a record that is on its way.

        Args:
            token: the record.
            alone: nothing of another lane of the topic is.
        """
        self.in_flight += 1
        if self.limit == 1:
            self.probe = token
            self.alone = alone

    def acknowledged(self, token: int) -> None:
        """Count a delivery, and let more through if it proves that the way is free."""
        self.in_flight -= 1
        self.delivered += 1
        if token in self._tried:
            # What parked it may be mended: the others need not wait for their minute.
            self._tried.remove(token)
            self._unpark_at = 0.0
        if self.limit > 1:
            self.limit = min(self.limit + 1, IN_FLIGHT)
        elif token == self.probe:
            # Not upon the arrival of one that was sent before the refusal: that proves nothing.
            self._recover()

    def pause(self, now: float, reason: str, problem: str) -> bool:
        """Let nothing through for a while; return whether this is news, not the echo of the same refusal.

        Args:
            now: monotonic seconds.
            reason: the kind of refusal, for the metrics.
            problem: the whole sentence; it may differ from one refusal to the next.
        """
        self.refused[reason] += 1
        if now < self.resume_at:
            return False
        self.failures += 1
        self.limit = min(self.limit, 1)
        length = min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2 ** min(self.failures - 1, 10))
        # Processes that lost the same broker must not come back in step.
        self.resume_at = now + length * random.uniform(0.8, 1.2)  # noqa: S311 - jitter, not a secret
        news = reason != self.paused_for
        self.paused_for = reason
        self.problem = problem
        return news

    def park(self, now: float, token: int, reason: str, problem: str) -> bool:
        """Keep a record apart that the broker refuses for itself, so that it does not stop the others.

        Returns:
            Whether this is news: the first of its kind for ten minutes.
        """
        self.refused[reason] += 1
        self._tried.discard(token)
        heapq.heappush(self._parked, (now + PARKED_S, token))
        self.parked_problem = problem
        news = now >= self._parked_news_at.get(reason, now)
        if news:
            self._parked_news_at[reason] = now + _PARKED_AGAIN_S
        return news

    @property
    def parked(self) -> int:
        """How many records are kept apart."""
        return len(self._parked)

    @property
    def apart(self) -> set[int]:
        """The records that are kept apart or that were and are tried again."""
        return self._tried.union(token for _, token in self._parked)

    def _unpark(self, now: float) -> None:
        if now < self._unpark_at or not self._parked or self._parked[0][0] > now:
            return
        self._unpark_at = now + PARKED_S
        # Together with others, it would have them refused with it.
        self.limit = min(self.limit, 1)
        self.probe = 0
        while self._parked and self._parked[0][0] <= now and len(self._tried) < _TRIED_AT_ONCE:
            token = heapq.heappop(self._parked)[1]
            self._tried.add(token)
            self.retried += 1
            self.wait(token)

    def _recover(self) -> None:
        self.failures = 0
        self.resume_at = 0.0
        self.problem = ""
        self.paused_for = ""
        self.probe = 0
        self.limit = 2
