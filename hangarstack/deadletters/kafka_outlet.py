"""Publishing what is replayed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from confluent_kafka import KafkaError, KafkaException, Producer

from hangarstack.broker.config import LARGEST_MESSAGE_BYTES, producer_config
from hangarstack.broker.failures import failure, late
from hangarstack.broker.quiet import librdkafka_log
from hangarstack.deadletters.ports import Outgoing
from hangarstack.errors import BrokerError
from hangarstack.settings import Settings

_ACKNOWLEDGED_S: Final = 10.0
_SENDING: Final = {
    "linger.ms": 5,
    "delivery.timeout.ms": int(1000 * _ACKNOWLEDGED_S),
    # What is too large is for the topic to say.
    "message.max.bytes": LARGEST_MESSAGE_BYTES,
    # What it complains of is what the records are refused for.
    "log_level": 0,
}


class KafkaOutlet:
    """Publishes records and waits for their acknowledgement; connects with the first.

    Args:
        settings: address and security.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._producer: Producer | None = None

    def send(self, records: Sequence[Outgoing]) -> list[BrokerError | None]:
        """Write the records, wait until each is acknowledged or refused, and return what each was refused for.

        Blocks for about ten seconds at most.
        """
        if self._producer is None:
            config = producer_config(self._settings, "hangarstack.dlq-replay")
            self._producer = Producer({**config, **_SENDING, "logger": librdkafka_log()})
        answers: list[KafkaError | None] = [late()] * len(records)
        for index, record in enumerate(records):
            try:
                self._produce(self._producer, index, record, answers)
            except KafkaException as error:
                answers[index] = error.args[0]
        # Longer than librdkafka keeps a record, so that each has its answer and none is written later.
        self._producer.flush(_ACKNOWLEDGED_S + 1)
        return [
            None if error is None else failure(error, "a record cannot be replayed", where=record.topic)
            for error, record in zip(answers, records, strict=True)
        ]

    @staticmethod
    def _produce(producer: Producer, index: int, record: Outgoing, answers: list[KafkaError | None]) -> None:
        def told(error: KafkaError | None, _message: object) -> None:
            answers[index] = error

        producer.produce(
            record.topic, value=record.value, key=record.key, headers=list(record.headers), on_delivery=told
        )
        producer.poll(0)
