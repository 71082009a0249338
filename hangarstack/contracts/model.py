"""The contract tree as objects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from hangarstack.contracts.compatibility import Level
from hangarstack.contracts.declared import Declared
from hangarstack.contracts.pii import pii_fields
from hangarstack.contracts.schema import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A record of one version, in Avro's JSON encoding."""

    name: str
    path: Path
    record: object


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Version:
    """One immutable ``.avsc``.

    Args:
        number: 1 or more.
        path: of the file.
        text: of the file.
        json: the text parsed.
        schema: the JSON understood.
        fingerprint: of the JSON; white space and the order of keys do not change it.
        reason: why this version came.
        examples: records of this version.
    """

    number: int
    path: Path
    text: str = field(repr=False)
    json: Mapping[str, object] = field(repr=False)
    schema: Record = field(repr=False)
    fingerprint: str
    reason: str = ""
    examples: tuple[Example, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Upcaster:
    """A function that lifts what Avro cannot resolve: records of an old major version.

    A major version is a run of versions of which each reads those before it. Records of any of them are resolved to
    the last one, as ever, and then lifted.

    Args:
        contract: directory of the contract.
        last: the last version of the old major; the one after it begins another.
        function: ``package.module:function``; takes a record of the last version, returns one of the next major.
        path: of the step that names it.
    """

    contract: str
    last: int
    function: str
    path: Path

    def __str__(self) -> str:
        return f"lift {self.contract} v{self.last} by {self.function}"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Contract:
    """One topic with its versioned value schema.

    Args:
        name: of the event's class.
        directory: that holds it.
        topic: name of the topic.
        key: field that is the record's key.
        compatibility: what a new version must keep to.
        owner: team that answers for it.
        description: one sentence.
        producers: components that write it.
        consumers: services that read it.
        partitions: of the topic, 1 or more.
        retention_ms: milliseconds that the topic keeps an event; -1 is for ever.
        compression: of the topic; ``producer`` keeps what the producer chose.
        min_insync_replicas: replicas that must have an event; a cluster with fewer replicas asks for all of them.
        cleanup_policy: ``delete``, ``compact`` or both.
        max_message_bytes: the largest batch that the topic takes.
        versions: oldest first, at least one, numbered from 1 without a gap.
        reads: what consumers declare in ``contract.toml`` that they read; others declare it in code, or not at all.
        upcasters: the oldest major's first.
    """

    name: str
    directory: Path
    topic: str
    key: str
    compatibility: Level
    owner: str
    description: str
    producers: tuple[str, ...]
    consumers: tuple[str, ...]
    partitions: int
    retention_ms: int
    compression: str
    min_insync_replicas: int
    cleanup_policy: str
    max_message_bytes: int
    versions: tuple[Version, ...] = field(repr=False)
    reads: tuple[Declared, ...] = field(default=(), repr=False)
    upcasters: tuple[Upcaster, ...] = field(default=(), repr=False)

    def lifting(self, *, reader: int, writer: int) -> Upcaster | None:
        """Return the first upcaster between what a writer wrote and a reader; ``None`` when the reader resolves it."""
        return next((each for each in self.upcasters if writer <= each.last < reader), None)

    @property
    def subject(self) -> str:
        """The subject under which the registry keeps the versions."""
        return f"{self.topic}-value"

    @property
    def pii(self) -> tuple[str, ...]:
        """Dotted paths of the current version's fields that hold personal data."""
        return pii_fields(self.current.schema)

    @property
    def current(self) -> Version:
        """The newest version."""
        return self.versions[-1]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ContractTree:
    """All contracts under one root.

    Args:
        root: directory that holds ``contracts/``.
        contracts: in the order of their directories' names.
    """

    root: Path
    contracts: tuple[Contract, ...]

    @property
    def lock_path(self) -> Path:
        """The lock file, whether it exists or not."""
        return self.root / "contracts" / "contracts.lock"

    @property
    def waivers_path(self) -> Path:
        """The file of waivers, whether it exists or not."""
        return self.root / "contracts" / "waivers.toml"

    def find(self, name: str) -> Contract | None:
        """Return the contract of that event, directory, topic or subject."""
        for contract in self.contracts:
            if name in {contract.name, contract.directory.name, contract.topic, contract.subject}:
                return contract
        return None
