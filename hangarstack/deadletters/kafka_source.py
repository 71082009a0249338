"""Dead letters in Kafka."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Mapping
from types import TracebackType
from typing import Any, Final, Self, cast

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from hangarstack.broker.admin import Admin
from hangarstack.broker.cluster import ClusterIdentity, cluster_identity
from hangarstack.broker.config import bootstrap_servers, consumer_config
from hangarstack.broker.failures import failure, late
from hangarstack.broker.quiet import librdkafka_log
from hangarstack.deadletters.letter import Letter, LetterId
from hangarstack.deadletters.ports import LetterLog, LogKey
from hangarstack.settings import Settings

GROUP: Final = "hangarstack.dlq-replay"
"""The group whose positions say up to where all dead letters were handled; nobody joins it."""

_ANSWER_S: Final = 5.0
_SILENCE_S: Final = 10.0
_SLICE_S: Final = 0.2
_AT_ONCE: Final = 200
_NOT_YET: Final = frozenset(
    {KafkaError.NOT_COORDINATOR, KafkaError.COORDINATOR_NOT_AVAILABLE, KafkaError.COORDINATOR_LOAD_IN_PROGRESS}
)


class KafkaLetterSource:
    """Reads partitions that it gives itself, so that nobody's group is disturbed; a context manager.

    Args:
        settings: address and security.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._where = bootstrap_servers(settings)
        self._consumer: Any = None

    def __enter__(self) -> Self:
        """Make the client; connects with the first question."""
        config = consumer_config(self._settings, GROUP, GROUP)
        # What it complains of is what the questions end with.
        quiet = {
            "enable.partition.eof": True,
            "fetch.wait.max.ms": 20,
            "log_level": 0,
            "logger": librdkafka_log(),
        }
        self._consumer = Consumer({**config, **quiet, "queued.max.messages.kbytes": 8_192})
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let go of connections."""
        self._consumer.close()

    def logs(self, topics: Collection[str]) -> list[LetterLog]:
        """Return the partitions of those topics that exist; blocks for some seconds at most.

        Raises:
            BrokerUnavailableError: no answer in time.
            BrokerRefusedError: wrong credentials, or not allowed.
        """
        admin = Admin(self._settings, timeout_s=_ANSWER_S)
        metadata = admin.metadata()
        counts = {topic: len(metadata.topics[topic].partitions) for topic in topics if topic in metadata.topics}
        if not counts:
            return []
        if self._settings.broker == "memory":
            # It cannot describe its topics, which live as long as the cluster.
            identity = ClusterIdentity(str(metadata.cluster_id), {topic: topic for topic in counts})
        else:
            identity = cluster_identity(admin, list(counts))
        places = [(topic, number) for topic, count in counts.items() for number in range(count)]
        positions = self._positions(places)
        return [self._log(identity, *place, positions.get(place, 0)) for place in places]

    def read(self, log: LetterLog, start: int) -> Iterator[Letter | None]:
        """Yield the letters from ``start`` to ``log.end``; None now and then while nothing comes.

        Raises:
            BrokerUnavailableError: nothing came for ten seconds.
            BrokerError: Kafka refuses.
        """
        if start >= log.end:
            return
        place = f"{log.topic}[{log.key.partition}]"
        self._consumer.assign([TopicPartition(log.topic, log.key.partition, start)])
        expected, gap = start, (-1, -1)
        try:
            silent_since = time.monotonic()
            while True:
                messages = self._gathered(place)
                for message in messages:
                    letter = None if message.error() is not None else _letter(message)
                    offset = log.end if letter is None else min(letter.id.offset, log.end)
                    # A gap is the log's, not the client's, when it is there twice; docs/guarantees.md tells why.
                    if offset > expected and gap != (expected, offset):
                        gap = expected, offset
                        self._consumer.seek(TopicPartition(log.topic, log.key.partition, expected))
                        break
                    if letter is None or offset >= log.end:
                        return
                    if offset < expected:
                        continue
                    yield letter
                    expected = offset + 1
                    if expected >= log.end:
                        return
                if messages:
                    silent_since = time.monotonic()
                    continue
                if time.monotonic() - silent_since > _SILENCE_S:
                    raise failure(late(), "dead letters cannot be read", where=place)
                yield None
        finally:
            self._consumer.unassign()

    def _gathered(self, place: str) -> list[Message]:
        """Return what is there; the only error among it is the end of the partition."""
        # `consume` alone would wait for its time-out whenever fewer records than asked for are there.
        first = self._consumer.poll(_SLICE_S)
        messages = [] if first is None else [first, *self._consumer.consume(_AT_ONCE - 1, 0)]
        for error in (message.error() for message in messages):
            if error is not None and error.code() != KafkaError._PARTITION_EOF:  # noqa: SLF001 - public, named so
                raise failure(error, "dead letters cannot be read", where=place)
        return messages

    def offset_since(self, log: LetterLog, timestamp_ms: int) -> int:
        """Return the offset of the first letter of that time or later; ``log.end`` when there is none.

        Raises:
            BrokerError: no answer in time.
        """
        target = TopicPartition(log.topic, log.key.partition, timestamp_ms)
        found = self._asked("an offset by time", lambda c: c.offsets_for_times([target], timeout=_ANSWER_S))[0]
        return int(found.offset) if found.offset >= 0 else log.end

    def commit(self, positions: Mapping[tuple[str, int], int]) -> None:
        """Store the positions of the group; waits until Kafka has them.

        Raises:
            BrokerError: they cannot be stored.
        """
        targets = [TopicPartition(*place, offset) for place, offset in positions.items()]
        if targets:
            self._asked("the position of the dead letters", lambda c: c.commit(offsets=targets, asynchronous=False))

    def _positions(self, places: Collection[tuple[str, int]]) -> dict[tuple[str, int], int]:
        targets = [TopicPartition(*place) for place in places]
        found = self._asked("the position of the dead letters", lambda c: c.committed(targets, timeout=_ANSWER_S))
        return {(one.topic, one.partition): one.offset for one in found if one.offset >= 0}

    def _log(self, identity: ClusterIdentity, topic: str, number: int, position: int) -> LetterLog:
        target = TopicPartition(topic, number)
        low, high = self._asked("the log's bounds", lambda c: c.get_watermark_offsets(target, timeout=_ANSWER_S))
        key = LogKey(identity.cluster_id, identity.topic_ids[topic], number)
        # A position behind the end is that of an older log of this name.
        position = low if position > high else max(low, position)
        return LetterLog(topic=topic, key=key, first=low, position=position, end=high)

    def _asked(self, what: str, question: Any) -> Any:
        until = time.monotonic() + _ANSWER_S
        while True:
            try:
                return question(self._consumer)
            except KafkaException as error:
                # A cluster that had no group yet makes room for the first one when it is asked about it.
                if error.args[0].code() not in _NOT_YET or time.monotonic() > until:
                    raise failure(error.args[0], f"{what} cannot be had or set", where=self._where) from error
                time.sleep(_SLICE_S)


def _letter(message: Message) -> Letter:
    topic, partition, offset = message.topic(), message.partition(), message.offset()
    assert topic is not None and partition is not None and offset is not None  # noqa: S101, PT018 - no error, so it has them
    return Letter(
        id=LetterId(topic, partition, offset),
        timestamp_ms=message.timestamp()[1],
        key=message.key(),
        value=message.value(),
        # A list of pairs, whatever its annotation allows.
        headers=tuple(cast("list[tuple[str, bytes | None]]", message.headers() or [])),
    )
