"""Dead letters to ``<topic>.dlq`` in Kafka."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any, Final

from confluent_kafka import KafkaError, KafkaException, Producer

from hangarstack.broker.config import producer_config
from hangarstack.broker.failures import failure, late
from hangarstack.broker.specs import dead_letter_topic
from hangarstack.consumers.runtime.letter import DeadLetter
from hangarstack.settings import Settings

_log: Final = logging.getLogger(__name__)
_ACKNOWLEDGED_S: Final = 10.0
_SENDING: Final = {
    "linger.ms": 0,
    # An answer is wanted while the batch waits.
    "delivery.timeout.ms": int(1000 * _ACKNOWLEDGED_S),
    # A letter is its record and the reasons; what is too large is for the topic to say.
    "message.max.bytes": 16_000_000,
}


class KafkaDeadLetters:
    """Writes letters and waits until they are stored; connects with the first one.

    Args:
        settings: address and security.
        group: the consumer group that could not handle the records.
    """

    def __init__(self, settings: Settings, group: str) -> None:
        self._settings = settings
        self._group = group
        self._producer: Any = None

    def send(self, letters: Sequence[DeadLetter], acknowledged: Callable[[DeadLetter], None]) -> None:
        """Write the letters, each to its topic's ``.dlq``, and wait for all, at most 10 s.

        Raises:
            BrokerError: not all were acknowledged; those that were have been told of.
        """
        if self._producer is None:
            config = producer_config(self._settings, f"{self._group}.dead-letters")
            self._producer = Producer({**config, **_SENDING, "logger": _log})
        errors: list[KafkaError] = []
        try:
            for letter in letters:
                self._produce(letter, acknowledged, errors)
            self._producer.flush(_ACKNOWLEDGED_S)
        except KafkaException as error:
            errors.append(error.args[0])
        if errors or len(self._producer):
            # What is still in its queue must not be written later: the letters are sent again.
            self._producer.purge()
            self._producer = None
            where = dead_letter_topic(letters[0].topic)
            raise failure(errors[0] if errors else late(), "a dead letter cannot be written", where=where)

    def close(self) -> None:
        """Let go of connections; nothing is under way."""
        self._producer = None

    def _produce(
        self, letter: DeadLetter, acknowledged: Callable[[DeadLetter], None], errors: list[KafkaError]
    ) -> None:
        def told(error: KafkaError | None, _message: object) -> None:
            if error is None:
                acknowledged(letter)
            else:
                errors.append(error)

        self._producer.produce(
            dead_letter_topic(letter.topic),
            value=letter.record.value(),
            key=letter.record.key(),
            headers=letter.headers(self._group),
            on_delivery=told,
        )
        self._producer.poll(0)


__all__ = ["KafkaDeadLetters"]
