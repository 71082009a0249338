"""The broker inside librdkafka: for tests, and for machines that cannot run Kafka.

It lives as long as this object and forgets everything after it. Settings for its clients say ``broker="memory"``,
because it has limits: about 5 MB a partition; topics appear with 4 partitions when first asked for, and cannot be
created, described or configured; only the ``range`` assignor works; a first join takes 3 s; a fetch is answered only
when its wait is over; ``read_committed`` is not honoured.
"""

from __future__ import annotations

from types import TracebackType
from typing import Final, Self

from confluent_kafka import KafkaException, Producer

from hangarstack.errors import BrokerUnavailableError

_ANSWER_S: Final = 10.0


class MemoryBroker:
    """A broker in this process's memory, which other processes may use too; a context manager.

    It does not survive ``fork()``.
    """

    def __init__(self) -> None:
        self._owner: Producer | None = None
        self.bootstrap_servers = ""
        """Where clients connect, while it runs."""

    def __enter__(self) -> Self:
        """Start it; blocks for some milliseconds.

        Raises:
            BrokerUnavailableError: librdkafka cannot open its port.
        """
        # The mock cluster belongs to the client that asked for it.
        owner = Producer({"bootstrap.servers": "memory", "test.mock.num.brokers": 1, "log_level": 0})
        try:
            brokers = owner.list_topics(timeout=_ANSWER_S).brokers.values()
        except KafkaException as error:
            raise BrokerUnavailableError("the memory broker does not start") from error
        self.bootstrap_servers = ",".join(f"{broker.host}:{broker.port}" for broker in brokers)
        self._owner = owner
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Forget everything."""
        self._owner = None
        self.bootstrap_servers = ""
