"""The group member: ``RecordSource`` on ``confluent_kafka.Consumer``."""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Final, TypeVar, cast

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from hangarstack.broker.admin import Admin
from hangarstack.broker.cluster import ClusterIdentity, cluster_identity
from hangarstack.broker.config import bootstrap_servers, consumer_config
from hangarstack.broker.failures import failure
from hangarstack.broker.quiet import librdkafka_log
from hangarstack.consumers.runtime.log_reader import LogReader
from hangarstack.consumers.runtime.membership import KafkaGroup, Membership
from hangarstack.consumers.runtime.ports import PartitionId, RebalanceListener
from hangarstack.consumers.runtime.record import Record
from hangarstack.settings import Settings

T = TypeVar("T")

_log: Final = logging.getLogger(__name__)
_ANSWER_S: Final = 5.0
_AT_ONCE_S: Final = 0.5
_ANY: Final = 0
"""Where a partition begins that is paused at once and told later where to go on."""
_QUIET_S: Final = 30.0
"""The same complaint of librdkafka is logged once in so many seconds."""

_READING: Final[Mapping[str, Any]] = {
    # Only for positions that the log does not have. With "error" the partition could not be sought any more.
    "auto.offset.reset": "earliest",
    # Longer than anything that this runtime blocks for, and short enough to replace a member that hangs.
    "max.poll.interval.ms": 60_000,
    # No low "queued.min.messages", though it would save fetches: partitions judged before and after a queue is emptied
    # leave some out of a fetch, which then waits for the others, up to half a second.
    # Memory: what lies ready, unpacked, is several times this for each partition.
    "fetch.message.max.bytes": 131_072,
    "queued.max.messages.kbytes": 8_192,
}


class KafkaSource:
    """A consumer that goes where it is told and keeps no offsets of its own.

    Works with the cooperative and the eager assignors and with ``group.protocol=consumer``.

    Args:
        settings: address, security, group protocol, session and static membership.
        group: the consumer group.
        made_anew: told each time that the client was made anew, because the group had lost it.
    """

    def __init__(self, settings: Settings, group: str, *, made_anew: Callable[[], None] = lambda: None) -> None:
        client_id = f"{group}.{socket.gethostname()}.{os.getpid()}"
        config = consumer_config(settings, group, client_id, instance_id=settings.group_instance_id)
        assignor = str(config.get("partition.assignment.strategy", ""))
        # With this protocol librdkafka calls nobody back for an assignment without partitions.
        self._silent_if_empty = config["group.protocol"] == "consumer"
        self._incremental = self._silent_if_empty or "cooperative" in assignor
        self._config = {**config, **_READING, "error_cb": self._complain, "logger": librdkafka_log()}
        self._settings = settings
        self._where = bootstrap_servers(settings)
        self._consumer: Any = None
        self._listener: RebalanceListener
        self._second: LogReader | None = None
        self._group = group
        self._fatal: KafkaError | None = None
        self._quiet_until: dict[int, float] = {}
        self._topics: list[str] = []
        self._joins = 0
        self._made_anew = made_anew
        self._membership = Membership(KafkaGroup(settings, group), settings.session_timeout_ms / 1000, time.monotonic)

    def open(self, topics: Sequence[str], listener: RebalanceListener) -> None:
        """Join the group; does not wait for the assignment."""
        self._listener = listener
        self._topics = list(topics)
        self._join()

    def take(self, limit: int, wait_s: float, gather_s: float) -> Sequence[Record]:
        """Return what is there, at most ``limit`` records; also serves rebalances.

        Raises:
            BrokerError: this member cannot go on.
        """
        # `consume` alone would wait for its time-out whenever fewer records than asked for are there.
        closes_at = time.monotonic() + gather_s
        first = self._consumer.poll(wait_s)
        if first is None:
            self._raise_if_fatal()
            if self._membership.is_out(self._topics, self._consumer.memberid):
                self._join_anew()
            elif self._silent_if_empty and self._membership.without_word:
                self._membership.assigned()
                self._listener.assigned([])
            return ()
        rest_s = max(0.0, closes_at - time.monotonic())
        messages = [first, *self._consumer.consume(limit - 1, rest_s)] if limit > 1 else [first]
        sound = [message for message in messages if message.error() is None]
        if len(sound) < len(messages):
            for error in (message.error() for message in messages):
                if error is not None:
                    self._complain(error)
            self._raise_if_fatal()
        if sound:
            self._membership.heard()
        # A message that is no error has topic, partition and offset, whatever its annotations allow.
        return cast("list[Record]", sound)

    def hold(self, partitions: Collection[PartitionId]) -> None:
        """Stop fetching these; does not block."""
        if partitions:
            self._consumer.pause([TopicPartition(*one) for one in partitions])

    def go_on(self, partition: PartitionId, offset: int) -> None:
        """Fetch from ``offset`` on, whether the partition was held or not.

        Raises:
            BrokerError: the client is not ready for that; try again.
        """
        try:
            self._consumer.seek(TopicPartition(*partition, offset))
            self._consumer.resume([TopicPartition(*partition)])
        except KafkaException as error:
            raise failure(
                error.args[0], "the position cannot be set", where=f"{partition[0]}[{partition[1]}]@{offset}"
            ) from error

    def report(self, positions: Mapping[PartitionId, int]) -> None:
        """Tell Kafka the next offsets, for its lag tools only; does not wait."""
        try:
            self._consumer.commit(offsets=_targets(positions), asynchronous=True)
        except KafkaException as error:
            _log.debug("positions were not reported: %s", error)

    def identity(self, topics: Collection[str]) -> ClusterIdentity:
        """Ask which cluster and topics these are; blocks for at most 10 s.

        Raises:
            BrokerError: no answer, or no such topic.
        """
        if self._settings.broker == "memory":
            # It cannot describe itself; its topics live as long as the cluster.
            cluster_id = self._ask("the cluster's id", lambda consumer: consumer.cluster_id(_ANSWER_S))
            return ClusterIdentity(cluster_id, {topic: topic for topic in topics})
        # Made for each question: assignments are rare, and an idle client costs memory and wake-ups.
        return cluster_identity(Admin(self._settings, timeout_s=_ANSWER_S), topics)

    def bounds(self, partition: PartitionId) -> tuple[int, int]:
        """Ask for the first offset and the next one to be written; blocks for at most 5 s.

        Raises:
            BrokerError: no answer.
        """
        target = TopicPartition(*partition)
        low, high = self._ask("the log's bounds", lambda c: c.get_watermark_offsets(target, timeout=_ANSWER_S))
        return low, high

    def offsets(self, partition: PartitionId, first: int, last: int) -> Sequence[int]:
        """Ask the log which records it has from ``first`` to ``last``, by another client than the one that reads.

        Blocks for some milliseconds, at most 2 s.

        Raises:
            BrokerError: no answer in time.
        """
        self._second = self._second or LogReader(self._settings, self._group)
        return self._second.offsets(partition, first, last)

    def offset_since(self, partition: PartitionId, timestamp_ms: int) -> int | None:
        """Ask for the first record of that time or later; None when there is none; blocks for at most 5 s.

        Raises:
            BrokerError: no answer.
        """
        target = TopicPartition(*partition, timestamp_ms)
        found = self._ask("an offset by time", lambda c: c.offsets_for_times([target], timeout=_ANSWER_S))[0]
        return found.offset if found.offset >= 0 else None

    def end(self, partition: PartitionId) -> int | None:
        """Return the next offset to be written as of the last fetch; None when not known. Does not block."""
        return self._as_fetched(partition, 1)

    def start(self, partition: PartitionId) -> int | None:
        """Return the log's first offset as of the last fetch; None when not known. Does not block."""
        return self._as_fetched(partition, 0)

    def ask_end(self, partition: PartitionId) -> int | None:
        """Ask for the next offset to be written; None without an answer. Blocks for at most half a second."""
        try:
            return int(self._consumer.get_watermark_offsets(TopicPartition(*partition), timeout=_AT_ONCE_S)[1])
        except KafkaException:
            return None

    def close(self, timeout_s: float) -> None:
        """Leave the group; blocks for at most ``timeout_s``."""
        if self._second is not None:
            self._second.close()
        if self._consumer is None:
            return
        leaving = _close(self._consumer)
        leaving.join(timeout_s)
        if leaving.is_alive():
            _log.warning("the group was not left in time; the broker will notice after the session time-out")

    def _join(self) -> None:
        self._joins += 1
        self._consumer = Consumer({**self._config, "error_cb": self._while_in_use(self._complain)})
        self._consumer.subscribe(
            self._topics,
            on_assign=self._while_in_use(self._assigned),
            on_revoke=self._while_in_use(self._revoked),
            on_lost=self._while_in_use(self._lost),
        )

    def _join_anew(self) -> None:
        """Give up a client that the group has lost, without waiting for it, and join by another one."""
        _log.warning("the group does not have this member, though its brokers answer: the Kafka client is made anew")
        old, second, self._second = self._consumer, self._second, None
        owned = [(one.topic, one.partition) for one in old.assignment()]
        if owned:
            self._listener.lost(owned)
        self._join()
        self._made_anew()
        for one in (old, second):
            if one is not None:
                _close(one)

    def _while_in_use(self, told: Callable[..., None]) -> Callable[..., None]:
        # What a client says that was given up, such as what it lets go, or that the next one has fenced it, is old.
        join = self._joins

        def tell(*what: Any) -> None:
            if join == self._joins:
                told(*what)

        return tell

    def _assigned(self, _consumer: object, partitions: list[TopicPartition]) -> None:
        self._membership.assigned()
        starts = self._listener.assigned([(one.topic, one.partition) for one in partitions])
        # No logical offset where the start is not known yet: librdkafka asks the broker where that is, and when the
        # answer comes after a seek, it asks again half a second later and goes there, whatever it has been told since
        # (rd_kafka_toppar_handle_Offset; confluentinc/librdkafka issue 2256).
        targets = _targets({one: _ANY if start is None else start for one, start in starts.items()})
        (self._consumer.incremental_assign if self._incremental else self._consumer.assign)(targets)
        self.hold([one for one, start in starts.items() if start is None])

    def _revoked(self, _consumer: object, partitions: list[TopicPartition]) -> None:
        self._listener.revoked([(one.topic, one.partition) for one in partitions])
        self._unassign(partitions)

    def _lost(self, _consumer: object, partitions: list[TopicPartition]) -> None:
        self._membership.lost()
        self._listener.lost([(one.topic, one.partition) for one in partitions])
        self._unassign(partitions)

    def _unassign(self, partitions: list[TopicPartition]) -> None:
        # A pause would outlive the assignment.
        self._consumer.resume(partitions)
        if self._incremental:
            self._consumer.incremental_unassign(partitions)
        else:
            self._consumer.unassign()

    def _as_fetched(self, partition: PartitionId, which: int) -> int | None:
        try:
            known = self._consumer.get_watermark_offsets(TopicPartition(*partition), cached=True)
        except KafkaException:
            return None
        return int(known[which]) if known is not None and known[which] >= 0 else None

    def _complain(self, error: KafkaError) -> None:
        # The event that announces a fatal error does not call itself one.
        if error.fatal() or error.code() == KafkaError._FATAL:  # noqa: SLF001 - librdkafka's own codes begin so
            self._fatal = error
        now = time.monotonic()
        if now >= self._quiet_until.get(error.code(), 0.0):
            self._quiet_until[error.code()] = now + _QUIET_S
            _log.warning("%s", failure(error, "Kafka", where=self._where))

    def _raise_if_fatal(self) -> None:
        if self._fatal is not None:
            raise failure(self._fatal, "this member of the group cannot go on", where=self._where)

    def _ask(self, what: str, question: Callable[[Any], T]) -> T:
        try:
            return question(self._consumer)
        except KafkaException as error:
            raise failure(error.args[0], f"{what} cannot be had", where=self._where) from error


def _close(client: Any) -> threading.Thread:
    # librdkafka's own close waits as long as it takes.
    closing = threading.Thread(target=client.close, name="leave-group", daemon=True)
    closing.start()
    return closing


def _targets(offsets: Mapping[PartitionId, int]) -> list[TopicPartition]:
    return [TopicPartition(topic, number, offset) for (topic, number), offset in offsets.items()]


__all__ = ["KafkaSource"]
