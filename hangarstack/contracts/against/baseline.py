"""What was released, wherever that is written down."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from hangarstack.contracts.compatibility import Level
from hangarstack.contracts.model import Version
from hangarstack.contracts.schema import Schema


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PastVersion:
    """A version that was released.

    Args:
        number: as it was released.
        identity: the same for the same schema; see ``Baseline.identify``.
        schema: parses the schema when it is asked for, and raises ``InvalidSchemaError``; ``None`` where only the
            identity is known.
        source: where it was released, if that is not the baseline itself; for a sentence.
        gone: whether it was given up later, so that only another version in its place is wrong.
        locked: its entry in the baseline's own lock; ``None`` where there is none.
    """

    number: int
    identity: str
    locked: str | None = None
    source: str = ""
    gone: bool = False
    schema: Callable[[], Schema] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Past:
    """A contract as it was released; what is not known of it is ``None``.

    Args:
        directory: name of its directory.
        event: the event's class.
        topic: name of the topic.
        key: field that is the record's key.
        partitions: of the topic.
        compatibility: what new versions had to keep to.
        enforced: what a registry makes new versions keep to.
        versions: in the order of their release; none when it is still a draft.
    """

    directory: str | None = None
    event: str | None = None
    topic: str | None = None
    key: str | None = None
    partitions: int | None = None
    compatibility: Level | None = None
    enforced: Level | None = None
    versions: tuple[PastVersion, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Baseline:
    """All contracts that were released.

    Args:
        label: what to call it in a sentence, after ``at`` or ``in``: ``git:main``.
        contracts: those that it has, drafts too.
        identify: returns the identity of a version of the tree.
        numbered: whether numbers must be those of the files; a registry gives its own.
        whole: whether it tells of whole contracts and not of their versions alone.
        note: what whoever reads the report must be warned of; empty when there is nothing.
    """

    label: str
    contracts: tuple[Past, ...]
    identify: Callable[[Version], str]
    numbered: bool = True
    whole: bool = True
    note: str = ""


def file_identity(version: Version) -> str:
    """Return the identity of a version by what its file says."""
    return version.fingerprint
