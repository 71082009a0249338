"""Dead letters to ``<topic>.dlq`` in Kafka."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any, Final

from confluent_kafka import KafkaError, KafkaException, Producer

from hangarstack.broker.config import LARGEST_MESSAGE_BYTES, producer_config
from hangarstack.broker.failures import failure, late
from hangarstack.broker.quiet import librdkafka_log
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
    "message.max.bytes": LARGEST_MESSAGE_BYTES,
    # A broker calls a batch too large, and every letter in it with it; alone each is judged for itself.
    "batch.num.messages": 1,
}
_TOO_LARGE: Final = frozenset({KafkaError.MSG_SIZE_TOO_LARGE, KafkaError.RECORD_LIST_TOO_LARGE})


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

        A record that the topic of dead letters does not take, because it takes more room there than where it came from,
        is left out of its letter, which says so; waiting for it would stop its partition for ever. That takes 10 s more
        at most.

        Raises:
            BrokerError: not all were acknowledged; those that were have been told of.
        """
        too_large = self._write(letters, acknowledged, whole=True)
        if too_large:
            _log.error(
                "records that are too large for dead letters are left out of them", extra={"records": len(too_large)}
            )
            self._write(too_large, acknowledged, whole=False)
        first = letters[0]
        place = {"topic": first.topic, "partition": first.partition, "offset": first.offset}
        _log.error("dead-lettered: %s", first.reason, extra={**place, "records": len(letters)})

    def close(self) -> None:
        """Let go of connections; nothing is under way."""
        self._producer = None

    def _write(
        self, letters: Sequence[DeadLetter], acknowledged: Callable[[DeadLetter], None], *, whole: bool
    ) -> list[DeadLetter]:
        """Write and wait, and return the letters that are too large."""
        if self._producer is None:
            config = producer_config(self._settings, f"{self._group}.dead-letters")
            self._producer = Producer({**config, **_SENDING, "logger": librdkafka_log()})
        errors: list[KafkaError] = []
        too_large: list[DeadLetter] = []

        def told(letter: DeadLetter, error: KafkaError | None) -> None:
            if error is None:
                acknowledged(letter)
            elif whole and error.code() in _TOO_LARGE:
                too_large.append(letter)
            else:
                errors.append(error)

        for letter in letters:
            self._produce(letter, told, whole=whole)
        # A little longer than an answer may take: what is let go of untold is never freed.
        self._producer.flush(_ACKNOWLEDGED_S + 1)
        if errors or len(self._producer):
            # The letters are sent again, by another client: with this one goes what is still in its queue.
            self._producer = None
            where = dead_letter_topic(letters[0].topic)
            raise failure(errors[0] if errors else late(), "a dead letter cannot be written", where=where)
        return too_large

    def _produce(
        self, letter: DeadLetter, told: Callable[[DeadLetter, KafkaError | None], None], *, whole: bool
    ) -> None:
        record = letter.record
        message = {
            "value": record.value() if whole else None,
            "key": record.key() if whole else None,
            "headers": letter.headers(self._group) if whole else letter.headers_alone(self._group),
            "on_delivery": lambda error, _message: told(letter, error),
        }
        topic = dead_letter_topic(letter.topic)
        try:
            try:
                self._producer.produce(topic, **message)
            except BufferError:
                # Large records: there is room when those before are acknowledged.
                self._producer.flush(_ACKNOWLEDGED_S)
                self._producer.produce(topic, **message)
        except BufferError:
            told(letter, late())
        except KafkaException as error:
            told(letter, error.args[0])
        self._producer.poll(0)


__all__ = ["KafkaDeadLetters"]
