"""What a reader of one version gets from a writer of another: the registry verdict and the runtime verdict at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from hangarstack.contracts.compatibility import check
from hangarstack.contracts.impact.paths import Paths
from hangarstack.contracts.model import Contract, Version
from hangarstack.contracts.runtime_verdict import Kind, Misreading, judge, refused
from hangarstack.errors import InvalidSchemaError


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One version read by another.

    Args:
        reader: the version that reads.
        writer: the version that wrote.
        refusals: why it cannot be read, in plain words; none when it can.
        misreadings: what is read wrong though it can be read.
        lifted_by: the function that makes the reader's record of what was read; empty when Avro alone does.
    """

    reader: Version
    writer: Version
    refusals: tuple[str, ...]
    misreadings: tuple[Misreading, ...]
    lifted_by: str = ""

    @property
    def possible(self) -> bool:
        """Whether the schemas are compatible."""
        return not self.refusals


class Readings:
    """What versions of one contract get from each other, each pair judged once.

    Args:
        contract: the contract.
    """

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._known: dict[tuple[int, int], Reading] = {}
        self._paths: dict[tuple[int, int], Paths] = {}

    def of(self, reader: Version, writer: Version) -> Reading:
        """Return what one version gets from another, whose records an upcaster may lift."""
        pair = reader.number, writer.number
        if pair not in self._known:
            self._known[pair] = lifted_or_read_by(self._contract, reader, writer)
        return self._known[pair]

    def paths(self, reader: Version, writer: Version) -> Paths:
        """Return where the fields of one version come from in another."""
        pair = reader.number, writer.number
        if pair not in self._paths:
            self._paths[pair] = Paths(reader.schema, writer.schema)
        return self._paths[pair]


def read_by(reader: Version, writer: Version) -> Reading:
    """Judge one pair."""
    try:
        refusals = tuple(found.sentence for found in check(reader.schema, writer.schema).incompatibilities)
    except InvalidSchemaError as error:
        refusals = (error.what,)
    if refusals:
        return Reading(reader=reader, writer=writer, refusals=refusals, misreadings=())
    found = (*refused(reader.text, writer.text), *judge(reader.schema, writer.schema).misreadings)
    return Reading(reader=reader, writer=writer, refusals=(), misreadings=found)


def lifted_or_read_by(contract: Contract, reader: Version, writer: Version) -> Reading:
    """Judge one pair of a contract's versions, whose records an upcaster may lift."""
    upcaster = contract.lifting(reader=reader.number, writer=writer.number)
    if upcaster is None:
        return read_by(reader, writer)
    # An upcaster takes records of the last version of its major, to which Avro resolves the others.
    resolved = read_by(contract.versions[upcaster.last - 1], writer)
    return replace(resolved, reader=reader, lifted_by=upcaster.function)


def concerning(misreadings: Sequence[Misreading], fields: Iterable[str]) -> Iterator[Misreading]:
    """Yield the misreadings that touch one of the writer's fields, or the whole record."""
    if not misreadings:
        return
    looked_at = frozenset(fields)
    around = frozenset(outer for field in looked_at for outer in _outer(field))
    for each in misreadings:
        path = each.path.replace("[]", "")
        everywhere = each.kind is Kind.NOT_TRIED or not path
        if everywhere or path in around or not looked_at.isdisjoint(_outer(path)):
            yield each


def _outer(path: str) -> Iterator[str]:
    """Yield a path and every one that it lies within."""
    while path:
        yield path
        path = path.rpartition(".")[0]
