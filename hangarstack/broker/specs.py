"""What a topic should be, and how that follows from its contract."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from hangarstack.settings import Settings

DEAD_LETTER_SUFFIX: Final = ".dlq"
QUARANTINE_SUFFIX: Final = ".dlq.quarantine"

_DEAD_LETTER_RETENTION_MS: Final = 30 * 86_400_000
_DEAD_LETTER_HEADROOM: Final = 65_536
"""Bytes that the headers of a dead letter may add to the record that it keeps."""


class TopicContract(Protocol):
    """What this room needs to know of a contract."""

    @property
    def topic(self) -> str:
        """Name of the topic."""

    @property
    def partitions(self) -> int:
        """Number of partitions."""

    @property
    def retention_ms(self) -> int:
        """Milliseconds that records are kept; -1: for ever."""

    @property
    def compression(self) -> str:
        """Kafka's ``compression.type``."""

    @property
    def min_insync_replicas(self) -> int:
        """Replicas that must have a record before it is acknowledged."""

    @property
    def cleanup_policy(self) -> str:
        """Kafka's ``cleanup.policy``."""

    @property
    def max_message_bytes(self) -> int:
        """Largest record batch that the topic takes, in bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicSpec:
    """A topic as it should be; of its configuration only what is named here."""

    name: str
    partitions: int
    replication_factor: int
    configs: Mapping[str, str]


def dead_letter_topic(topic: str) -> str:
    """Return the name of the topic that keeps a topic's dead letters."""
    return topic + DEAD_LETTER_SUFFIX


def quarantine_topic(topic: str) -> str:
    """Return the name of the topic that keeps those of a topic's dead letters that failed again and again."""
    return topic + QUARANTINE_SUFFIX


def specs_from(contracts: Iterable[TopicContract], settings: Settings) -> tuple[TopicSpec, ...]:
    """Return the topics that contracts ask for, each followed by those for its dead letters and its quarantine.

    A contract states what production needs; with fewer replicas than it wants in sync nothing could ever be
    acknowledged, so ``min.insync.replicas`` never exceeds ``settings.replication_factor``.
    """
    specs: list[TopicSpec] = []
    for contract in contracts:
        replicas = settings.replication_factor
        beside = (dead_letter_topic(contract.topic), quarantine_topic(contract.topic))
        specs += [_main(contract, replicas), *(_dead_letters(name, contract, replicas) for name in beside)]
    return tuple(specs)


def _main(contract: TopicContract, replicas: int) -> TopicSpec:
    configs = {
        "cleanup.policy": contract.cleanup_policy,
        "compression.type": contract.compression,
        "max.message.bytes": str(contract.max_message_bytes),
        "min.insync.replicas": str(min(contract.min_insync_replicas, replicas)),
        "retention.ms": str(contract.retention_ms),
    }
    return TopicSpec(name=contract.topic, partitions=contract.partitions, replication_factor=replicas, configs=configs)


def _dead_letters(name: str, contract: TopicContract, replicas: int) -> TopicSpec:
    # One partition: dead letters are few, and people read them in the order in which they came.
    configs = {
        "cleanup.policy": "delete",
        "compression.type": "producer",
        "max.message.bytes": str(contract.max_message_bytes + _DEAD_LETTER_HEADROOM),
        "min.insync.replicas": str(min(contract.min_insync_replicas, replicas)),
        "retention.ms": str(_DEAD_LETTER_RETENTION_MS),
    }
    return TopicSpec(name=name, partitions=1, replication_factor=replicas, configs=configs)
