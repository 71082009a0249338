"""Topics as the contracts say: what must be created or changed, and doing it. Nothing is ever deleted."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from confluent_kafka import KafkaException, TopicCollection
from confluent_kafka.admin import (  # type: ignore[attr-defined] # public by its documentation, not by its stubs
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    ResourceType,
)
from confluent_kafka.cimpl import KafkaError, NewPartitions, NewTopic

from hangarstack.broker.admin import Admin
from hangarstack.broker.specs import TopicSpec
from hangarstack.errors import BrokerError, TopicError
from hangarstack.settings import Settings

_EXISTS: Final = KafkaError.TOPIC_ALREADY_EXISTS
_VISIBLE_S: Final = 10.0
_POLL_S: Final = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigChange:
    """One configuration value of a topic that differs from its specification."""

    topic: str
    key: str
    current: str
    wanted: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PartitionChange:
    """A topic with another number of partitions than specified."""

    topic: str
    current: int
    wanted: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What separates the cluster from the specifications.

    Args:
        create: topics that do not exist.
        configure: values to set.
        grow: topics with too few partitions; more of them change which partition a key belongs to.
        keep: topics with too many partitions, which no Kafka can take away.
    """

    create: tuple[TopicSpec, ...] = ()
    configure: tuple[ConfigChange, ...] = ()
    grow: tuple[PartitionChange, ...] = ()
    keep: tuple[PartitionChange, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing is to be done, or can be."""
        return not (self.create or self.configure or self.grow)

    def lines(self) -> list[str]:
        """Return the plan in sentences, one a line."""
        return [
            *(
                f"create {s.name}: {_count(s.partitions, 'partition')}, {_count(s.replication_factor, 'replica')}"
                for s in self.create
            ),
            *(f"set {c.topic} {c.key}: {c.current} → {c.wanted}" for c in self.configure),
            *(
                f"grow {p.topic}: {p.current} → {p.wanted} partitions; keys move, so order per key breaks once"
                for p in self.grow
            ),
            *(
                f"keep {p.topic}: it has {p.current} partitions, its contract says {p.wanted}; none can be taken away"
                for p in self.keep
            ),
        ]


def plan(admin: Admin, specs: Sequence[TopicSpec]) -> Plan:
    """Compare the cluster with the specifications; blocks at most some twenty seconds, changes nothing.

    Raises:
        BrokerUnavailableError: no answer in time.
        BrokerRefusedError: wrong credentials, or not allowed to describe a topic.
    """
    existing = _partition_counts(admin, specs)
    create = tuple(spec for spec in specs if spec.name not in existing)
    there = [spec for spec in specs if spec.name in existing]
    counts = [
        PartitionChange(topic=spec.name, current=existing[spec.name], wanted=spec.partitions)
        for spec in there
        if existing[spec.name] != spec.partitions
    ]
    return Plan(
        create=create,
        configure=_config_changes(admin, there) if there else (),
        grow=tuple(change for change in counts if change.current < change.wanted),
        keep=tuple(change for change in counts if change.current > change.wanted),
    )


def apply(admin: Admin, changes: Plan, *, grow: bool = False) -> None:
    """Carry out a plan; blocks at most some thirty seconds. Applying a plan twice is harmless.

    Args:
        admin: the cluster's client.
        changes: what ``plan`` returned.
        grow: also add partitions, which breaks the order of events with one key, once.

    Raises:
        TopicError: the cluster refuses a topic or a value.
        BrokerUnavailableError: no answer in time.
        BrokerRefusedError: wrong credentials, or not allowed.
    """
    _create(admin, changes.create)
    _configure(admin, changes.configure)
    if grow and changes.grow:
        more = [NewPartitions(change.topic, change.wanted) for change in changes.grow]
        _raise_first(
            admin.ask_each(
                "cannot add partitions to",
                lambda client, timeout: client.create_partitions(more, request_timeout=timeout),
            )
        )


def ensure(settings: Settings, specs: Sequence[TopicSpec]) -> Plan:
    """Create and configure what is missing, and return what was planned; adds no partitions; blocks like ``apply``.

    The memory broker's topics appear when somebody asks for them, so they are asked for.

    Raises:
        TopicError: the cluster refuses a topic or a value.
        BrokerUnavailableError: no answer in time.
        BrokerRefusedError: wrong credentials, or not allowed.
    """
    admin = Admin(settings)
    if settings.broker == "memory":
        for spec in specs:
            admin.metadata(spec.name)
        return Plan()
    changes = plan(admin, specs)
    apply(admin, changes)
    return changes


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def _partition_counts(admin: Admin, specs: Sequence[TopicSpec]) -> dict[str, int]:
    names = [spec.name for spec in specs]
    described = admin.ask_each(
        "cannot describe topic",
        lambda client, timeout: client.describe_topics(TopicCollection(names), request_timeout=timeout),
    )
    counts = {}
    for name, found in described.items():
        # TopicError is what an unknown topic is translated to.
        if isinstance(found, TopicError):
            continue
        if isinstance(found, BrokerError):
            raise found
        counts[name] = len(found.partitions)
    return counts


def _config_changes(admin: Admin, specs: Sequence[TopicSpec]) -> tuple[ConfigChange, ...]:
    resources = {spec.name: ConfigResource(ResourceType.TOPIC, spec.name) for spec in specs}
    described = admin.ask_each(
        "cannot describe the configuration of",
        lambda client, timeout: client.describe_configs(list(resources.values()), request_timeout=timeout),
    )
    changes = []
    for spec in specs:
        current = described[resources[spec.name]]
        if isinstance(current, BrokerError):
            raise current
        for key, wanted in sorted(spec.configs.items()):
            value = current[key].value if key in current else ""
            if value != wanted:
                changes.append(ConfigChange(topic=spec.name, key=key, current=value, wanted=wanted))
    return tuple(changes)


def _create(admin: Admin, specs: Sequence[TopicSpec]) -> None:
    if not specs:
        return
    new = [NewTopic(s.name, s.partitions, s.replication_factor, config=dict(s.configs)) for s in specs]
    answers = admin.ask_each(
        "cannot create topic",
        lambda client, timeout: client.create_topics(new, operation_timeout=timeout, request_timeout=timeout),
    )
    # Somebody else was faster: what differs then is found by the next plan.
    _raise_first({name: answer for name, answer in answers.items() if not _is(answer, _EXISTS)})
    _wait_visible(admin, specs)


def _wait_visible(admin: Admin, specs: Sequence[TopicSpec]) -> None:
    # The controller has made them; the broker that is asked next hears of it a moment later.
    deadline = time.monotonic() + _VISIBLE_S
    while len(_partition_counts(admin, specs)) < len(specs):
        if time.monotonic() > deadline:
            raise TopicError(f"the new topics were not visible after {_VISIBLE_S:g} s", where=admin.where)
        time.sleep(_POLL_S)


def _configure(admin: Admin, changes: Sequence[ConfigChange]) -> None:
    if not changes:
        return
    resources: dict[str, ConfigResource] = {}
    for change in changes:
        entry = ConfigEntry(change.key, change.wanted, incremental_operation=AlterConfigOpType.SET)
        if change.topic not in resources:
            resources[change.topic] = ConfigResource(ResourceType.TOPIC, change.topic)
        resources[change.topic].add_incremental_config(entry)
    _raise_first(
        admin.ask_each(
            "cannot configure",
            lambda client, timeout: client.incremental_alter_configs(list(resources.values()), request_timeout=timeout),
        )
    )


def _is(answer: object, code: int) -> bool:
    cause = answer.__cause__ if isinstance(answer, BrokerError) else None
    return isinstance(cause, KafkaException) and cause.args[0].code() == code


def _raise_first(answers: Mapping[Any, BrokerError | None]) -> None:
    for answer in answers.values():
        if isinstance(answer, BrokerError):
            raise TopicError(answer.what, where=answer.where, remedy=_remedy(answer)) from answer


def _remedy(answer: BrokerError) -> str:
    if _is(answer, KafkaError.INVALID_REPLICATION_FACTOR):
        return "Set HANGARSTACK_REPLICATION_FACTOR to what the cluster asks for (Confluent Cloud: 3)"
    return answer.remedy
