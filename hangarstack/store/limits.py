"""How long one process of PostgreSQL's clients may keep the others waiting, and how long it waits itself."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, Final, TypeVar

import psycopg
from psycopg.abc import PQGen

from hangarstack.settings import Settings

T = TypeVar("T")

_LOCK_S: Final = 4.0
"""A statement waits so long for a lock."""
_STATEMENT_S: Final = 10.0
"""The server ends a statement that takes longer."""
SILENCE_S: Final = 12.0
"""A server that owes an answer and says nothing for so long is taken for gone: it would have ended the statement."""
_LONGEST_IDLE_S: Final = 3.0
_LONGER_S: Final = 2.0
"""A transaction that is begun may last so much longer than one that is left idle."""
_DEAD_PEER_S: Final = 5
_IDLE_S: Final = 2

CLIENT_LIMITS: Final[Mapping[str, int]] = {
    "connect_timeout": _DEAD_PEER_S,
    # Milliseconds that what was sent may stay unacknowledged.
    "tcp_user_timeout": _DEAD_PEER_S * 1000,
    "keepalives": 1,
    "keepalives_idle": _IDLE_S,
    "keepalives_interval": 1,
    "keepalives_count": _DEAD_PEER_S - _IDLE_S,
}
"""libpq's parameters: a peer that is gone is noticed within five seconds, where TCP can tell."""

_SERVER_LIMITS: Final[Mapping[str, str]] = {
    "tcp_user_timeout": f"{_DEAD_PEER_S}s",
    "tcp_keepalives_idle": f"{_IDLE_S}s",
    "tcp_keepalives_interval": "1s",
    "tcp_keepalives_count": str(_DEAD_PEER_S - _IDLE_S),
}


def session_limits(settings: Settings, *, alone: bool, patient: bool) -> Mapping[str, str]:
    """Return PostgreSQL's parameters for a session; a server may be too old for some.

    A process that is frozen in the middle of a transaction, or whose machine is gone, loses the transaction, and with
    it the locks that others wait for, after half a consumer's session and three seconds at most: before Kafka gives
    its partitions to others, who would wait as well. Two seconds later at times: within a pipeline of statements, and
    behind one until the next statement, the server does not count the session as idle, and only the limit of the whole
    transaction ends it (PostgreSQL 17).

    Args:
        settings: ``session_timeout_ms`` counts.
        alone: nobody else needs the tables, so a transaction may be left alone for as long as it likes.
        patient: statements and locks may take as long as they need.
    """
    idle_ms = 0 if alone else min(settings.session_timeout_ms // 2, int(_LONGEST_IDLE_S * 1000))
    waits = not (alone or patient)
    return {
        **_SERVER_LIMITS,
        "idle_in_transaction_session_timeout": str(idle_ms),
        "transaction_timeout": str((idle_ms + int(_LONGER_S * 1000)) * waits),
        "lock_timeout": str(int(_LOCK_S * 1000 * waits)),
        "statement_timeout": str(int(_STATEMENT_S * 1000 * waits)),
    }


class PatientConnection(psycopg.Connection[Any]):
    """A connection that does not wait for ever for a server that says nothing.

    TCP cannot tell when something on the way, such as a proxy, acknowledges what the server never gets.
    """

    silence_s: float = SILENCE_S
    """Seconds of silence after which the connection is closed; 0: it waits for ever."""

    def wait(self, gen: PQGen[T], *args: Any, **kwargs: Any) -> T:
        """Run an exchange with the server; blocks.

        Raises:
            OperationalError: the server has said nothing for ``silence_s``.
        """
        return super().wait(self._while_heard(gen) if self.silence_s else gen, *args, **kwargs)

    def _while_heard(self, gen: PQGen[T]) -> PQGen[T]:
        heard_at = time.monotonic()
        try:
            wanted = next(gen)
            while True:
                ready = yield wanted
                # Nothing is ready each time that the driver has waited for a tenth of a second.
                if ready:
                    heard_at = time.monotonic()
                elif time.monotonic() - heard_at > self.silence_s:
                    # Closed at once: whatever came now would be taken for the answer to another question.
                    self.pgconn.finish()
                    raise psycopg.OperationalError(f"the server has said nothing for {self.silence_s:g} s")
                wanted = gen.send(ready)
        except StopIteration as end:
            answer: T = end.value
            return answer


__all__ = ["CLIENT_LIMITS", "SILENCE_S", "PatientConnection", "session_limits"]
