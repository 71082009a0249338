"""A second look at a log: a client that joins no group and remembers nothing."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Final

from confluent_kafka import Consumer, KafkaError, TopicPartition

from hangarstack.broker.config import bootstrap_servers, consumer_config
from hangarstack.broker.failures import failure, late
from hangarstack.broker.quiet import librdkafka_log
from hangarstack.consumers.runtime.ports import PartitionId
from hangarstack.settings import Settings

_ANSWER_S: Final = 2.0
_SLICE_S: Final = 0.1
_AT_ONCE: Final = 1_000


class LogReader:
    """Tells which records a log has; used by one thread.

    Args:
        settings: address and security.
        group: Kafka is told of it, and it is not joined.
    """

    def __init__(self, settings: Settings, group: str) -> None:
        self._where = bootstrap_servers(settings)
        self._consumer = Consumer(
            {
                **consumer_config(settings, group, f"{group}.look"),
                "enable.partition.eof": True,
                "fetch.wait.max.ms": 10,
                "fetch.message.max.bytes": 131_072,
                "queued.max.messages.kbytes": 1_024,
                "log_level": 0,
                "logger": librdkafka_log(),
            }
        )

    def offsets(self, partition: PartitionId, first: int, last: int) -> Sequence[int]:
        """Return the offsets of the records from ``first`` to ``last``; blocks for at most 2 s.

        Raises:
            BrokerError: no answer in time.
        """
        place = f"{partition[0]}[{partition[1]}]@{first}"
        found: list[int] = []
        until = time.monotonic() + _ANSWER_S
        self._consumer.assign([TopicPartition(*partition, first)])
        try:
            while time.monotonic() < until:
                # `consume` alone would wait for its time-out whenever fewer records than asked for are there.
                message = self._consumer.poll(_SLICE_S)
                for one in () if message is None else (message, *self._consumer.consume(_AT_ONCE, 0)):
                    error = one.error()
                    if error is not None and error.code() != KafkaError._PARTITION_EOF:  # noqa: SLF001 - public, named so
                        raise failure(error, "the log cannot be looked at", where=place)
                    offset = one.offset()
                    if error is not None or (offset is not None and offset > last):
                        return found
                    if offset is not None:
                        found.append(offset)
                    if offset == last:
                        return found
        finally:
            self._consumer.unassign()
        raise failure(late(), "the log cannot be looked at", where=place)

    def close(self) -> None:
        """Let go of connections; does not block for long."""
        self._consumer.close()


__all__ = ["LogReader"]
