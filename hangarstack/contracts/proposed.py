"""The runtime verdict on what is proposed: new versions, held against those that their events will meet."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hangarstack.contracts.compatibility import check
from hangarstack.contracts.model import Contract, Version
from hangarstack.contracts.problem import Problem
from hangarstack.errors import InvalidSchemaError

if TYPE_CHECKING:
    from hangarstack.contracts.runtime_verdict import Misreading, Witness

_MOST_PAIRS: Final = 100
"""Pairs that are tried at once, a millisecond or two each."""
_MOST_MADE: Final = 600_000
"""Parts of records, after which no more pairs of a contract are tried: some ten seconds, where it is extraordinary."""
_LONGEST_RECORD: Final = 200
_SAID_ANEW: Final = "Say the same in a way that fastavro takes, or read it with generated code alone"


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two versions of a contract, one of which is new.

    Args:
        contract: theirs.
        new: the one that is proposed.
        reader: the one that reads.
        writer: the one that wrote.
    """

    contract: Contract
    new: Version
    reader: Version
    writer: Version


def misread(contracts: Iterable[Contract], proposed: Collection[Version]) -> Iterator[Problem]:
    """Yield a warning of each thing that a reader gets wrong though the registry lets it pass.

    Args:
        contracts: to look at.
        proposed: versions that are not released yet, each of which is tried; the newest of each contract first.
    """
    new = [(contract, each) for contract in contracts for each in reversed(contract.versions) if each in proposed]
    if not new:
        return
    # fastavro takes 40 ms to import, which a check that has nothing to try should not pay.
    from hangarstack.contracts.runtime_verdict import judge

    new.sort(key=lambda one: one[1] is not one[0].current)
    pairs = [pair for contract, version in new for pair in _pairs(contract, version)]
    yield from _refused(new, pairs[:_MOST_PAIRS])
    made: Counter[Contract] = Counter()
    untried: dict[Contract, list[_Pair]] = defaultdict(list)
    for number, pair in enumerate(pairs):
        if number >= _MOST_PAIRS or made[pair.contract] > _MOST_MADE:
            untried[pair.contract].append(pair)
        elif _passes(pair):
            verdict = judge(pair.reader.schema, pair.writer.schema)
            made[pair.contract] += verdict.made
            yield from (_warning(pair, found) for found in verdict.misreadings)
    yield from (_untried(left[0], len(left)) for left in untried.values())


def _pairs(contract: Contract, new: Version) -> Iterator[_Pair]:
    level = contract.compatibility
    earlier = [version for version in contract.versions if version.number < new.number]
    for old in reversed(earlier if level.transitive else earlier[-1:]):
        if level.reads_old and contract.lifting(reader=new.number, writer=old.number) is None:
            yield _Pair(contract, new, reader=new, writer=old)
        if level.is_read_by_old:
            yield _Pair(contract, new, reader=old, writer=new)


def _refused(new: Iterable[tuple[Contract, Version]], pairs: Iterable[_Pair]) -> Iterator[Problem]:
    """Yield a warning of each schema that a consumer cannot parse: once, though it may stand in many pairs."""
    # As above.
    from hangarstack.contracts.runtime_verdict import REFUSES, Kind, refusal

    proposed = {version: (contract, version) for contract, version in new}
    # An older one is told of with the newest version that meets it.
    met = {version: (pair.contract, pair.new) for pair in reversed([*pairs]) for version in (pair.reader, pair.writer)}
    for version, (contract, told_with) in (met | proposed).items():
        why = refusal(version.text)
        if why is not None:
            yield Problem(
                kind=f"RUNTIME_{Kind.REFUSED_SCHEMA.name}",
                contract=contract.name,
                version=told_with.number,
                file=version.path,
                sentence=f"{REFUSES} the schema of v{version.number}: {why}",
                fix=_SAID_ANEW if version is told_with else "Read its records with generated code: it stays as it is",
            )


def _passes(pair: _Pair) -> bool:
    try:
        return check(pair.reader.schema, pair.writer.schema).compatible
    except InvalidSchemaError:
        return False


def _warning(pair: _Pair, found: Misreading) -> Problem:
    new, reader, writer = pair.new, pair.reader, pair.writer
    place = _place(new, found.path)
    if found.witness is None:
        sentence = f"v{reader.number} reading v{writer.number}: {found.sentence}"
        fix = "Look at the rest yourself: what was not tried may be misread"
    elif found.loses:
        sentence = f"v{reader.number} loses data of v{writer.number}: {_line(found, found.witness)}"
        fix = "Keep the symbol, or make sure that no event that holds it meets such a reader"
    elif found.only_by_fastavro:
        sentence = f"v{reader.number} misreads v{writer.number} by fastavro: {_line(found, found.witness)}"
        fix = "Read with generated code, or make the field optional with null for its default"
    else:
        sentence = f"v{reader.number} misreads v{writer.number}: {_line(found, found.witness)}"
        fix = "Add a new optional field beside it instead, or make sure that nobody writes such a record"
    return Problem(
        kind=f"RUNTIME_{found.kind.name}",
        contract=pair.contract.name,
        version=new.number,
        file=new.path,
        path=place,
        side=f"v{new.number}" if place else "",
        sentence=sentence,
        fix=fix,
        earlier=f"v{(writer if reader is new else reader).number}",
        reader=reader.number,
        field=found.path,
    )


def _untried(first: _Pair, pairs: int) -> Problem:
    return Problem(
        kind="RUNTIME_NOT_TRIED",
        contract=first.contract.name,
        version=first.new.number,
        file=first.new.path,
        sentence=f"{pairs} more pairs of versions, from here on, were not tried at run time",
        fix="Try one with `hangarstack contracts diff`, or name fewer contracts to check",
    )


def _place(version: Version, path: str) -> str:
    """Return the pointer to the field of a version in which a path of either version's record begins."""
    name = path.partition(".")[0].partition("[")[0]
    fields = version.schema.fields
    return next((f"/fields/{n}" for n, field in enumerate(fields) if name in (field.name, *field.aliases)), "")


def _line(found: Misreading, witness: Witness) -> str:
    record = json.dumps(witness.record, ensure_ascii=False)
    if len(record) > _LONGEST_RECORD:
        record = f"{record[: _LONGEST_RECORD - 1]}…"
    both = f"written {witness.written}, read {witness.read}"
    return f"{found.path or 'the record'}: {found.sentence} ({both}) in {record}"
