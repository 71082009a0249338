"""Questions to the cluster, each answered or refused in bounded time, with the true reason."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from typing import Any, Final, TypeVar

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import (  # type: ignore[attr-defined] # public by its documentation, not by its stubs
    AdminClient,
    ClusterMetadata,
)

from hangarstack.broker.config import bootstrap_servers, client_config
from hangarstack.broker.failures import are_all_down, failure, is_refusal, is_unreachable, late, truest
from hangarstack.errors import BrokerError
from hangarstack.settings import Settings

K = TypeVar("K")
T = TypeVar("T")

_SLICE_S: Final = 0.05
_GRACE_S: Final = 1.0
"""How long after its own time-out librdkafka is given to report it."""
_PATIENCE_S: Final = 3.0
"""How long none of the brokers may be reached: one that is being restarted is found within it, and nobody waits longer
to be told of an address where nobody listens."""


class Admin:
    """An administration client that tells a wrong password from a broker that is down.

    librdkafka reports why it cannot connect only to a callback, and lets the request itself time out: this class
    listens to the callback while it waits. Not thread-safe.

    Args:
        settings: address and security of the cluster.
        timeout_s: seconds that one question may take.

    Raises:
        SettingsError: security settings that do not fit each other.
    """

    def __init__(self, settings: Settings, *, timeout_s: float = 10.0) -> None:
        self.where: Final = bootstrap_servers(settings)
        self._timeout_s: Final = timeout_s
        self._reasons: list[KafkaError] = []
        # log_level 0: what librdkafka would print on standard error arrives in the callback as well.
        config: dict[str, Any] = {**client_config(settings), "error_cb": self._reasons.append, "log_level": 0}
        self._client = AdminClient(config)

    def ask(self, doing: str, question: Callable[[AdminClient, float], Future[T]]) -> T:
        """Ask one question; blocks at most ``timeout_s`` and a second, and three where no broker can be reached.

        Args:
            doing: begins the error's sentence, as in "the topics cannot be listed".
            question: sends the request with the given time-out in seconds and returns its future.

        Raises:
            BrokerUnavailableError: no answer in time.
            BrokerRefusedError: wrong credentials or certificates, or not allowed.
            BrokerError: the broker answered with another error.
        """
        self._reasons.clear()
        return self._answer(question(self._client, self._timeout_s), doing)

    def ask_each(
        self, doing: str, question: Callable[[AdminClient, float], Mapping[K, Future[T]]]
    ) -> dict[K, T | BrokerError]:
        """Ask about several things in one request: return each one's answer or error; blocks like ``ask``.

        Raises:
            BrokerUnavailableError: no answer in time.
            BrokerRefusedError: wrong credentials or certificates.
        """
        self._reasons.clear()
        answers: dict[K, T | BrokerError] = {}
        for key, future in question(self._client, self._timeout_s).items():
            try:
                answers[key] = self._answer(future, f"{doing} {key}")
            except BrokerError as error:
                if not isinstance(error.__cause__, KafkaException) or is_unreachable(error.__cause__.args[0]):
                    raise
                answers[key] = error
        return answers

    def metadata(self, topic: str | None = None) -> ClusterMetadata:
        """Return what the cluster says of itself and of one topic or all; blocks at most ``timeout_s``.

        All that the memory broker can be asked; it creates a topic that is named here.

        Raises:
            BrokerUnavailableError: no answer in time.
            BrokerRefusedError: wrong credentials or certificates.
        """
        self._reasons.clear()
        about = () if topic is None else (topic,)
        patience_s = min(_PATIENCE_S, self._timeout_s)
        try:
            with contextlib.suppress(KafkaException):
                return self._client.list_topics(*about, timeout=patience_s)
            self._client.poll(0)
            left_s = 0.0 if are_all_down(self._reasons) else self._timeout_s - patience_s
            return self._client.list_topics(*about, timeout=max(_SLICE_S, left_s))
        except KafkaException as error:
            self._client.poll(0)
            reason = truest(error.args[0], self._reasons)
            raise failure(reason, "cannot ask for the cluster's metadata", where=self.where) from error

    def _answer(self, future: Future[T], doing: str) -> T:
        began = time.monotonic()
        deadline = began + self._timeout_s + _GRACE_S
        while True:
            self._client.poll(0)
            if are_all_down(self._reasons):
                deadline = min(deadline, began + _PATIENCE_S)
            for reason in self._reasons:
                if is_refusal(reason):
                    raise failure(reason, doing, where=self.where)
            try:
                return future.result(_SLICE_S)
            except KafkaException as error:
                raise failure(truest(error.args[0], self._reasons), doing, where=self.where) from error
            except FutureTimeoutError:
                if time.monotonic() > deadline:
                    raise failure(truest(late(), self._reasons), doing, where=self.where) from None
