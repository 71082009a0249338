"""The runtime verdict on what is proposed: new versions, held against those that their events will meet."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator
from typing import TYPE_CHECKING, Final, TypeAlias

from hangarstack.contracts.compatibility import check
from hangarstack.contracts.model import Contract, Version
from hangarstack.contracts.problem import Problem
from hangarstack.errors import InvalidSchemaError

if TYPE_CHECKING:
    from hangarstack.contracts.runtime_verdict import Misreading, Witness

_MOST_PAIRS: Final = 100
"""Pairs that are tried at once, a millisecond or two each."""
_LONGEST_RECORD: Final = 200
_SAID_ANEW: Final = "Say the same in a way that fastavro takes, or read it with generated code alone"
_Pair: TypeAlias = tuple[Contract, Version, Version]
"""A contract, the version that reads and the one that wrote."""


def misread(contracts: Iterable[Contract], proposed: Collection[Version]) -> Iterator[Problem]:
    """Yield a warning of each thing that a reader gets wrong though the registry lets it pass.

    Args:
        contracts: to look at.
        proposed: versions that are not released yet; of each contract the current one is tried, if it is among them.
    """
    new = [contract for contract in contracts if contract.versions and contract.current in proposed]
    if not new:
        return
    # fastavro takes 40 ms to import, which a check that has nothing to try should not pay.
    from hangarstack.contracts.runtime_verdict import judge

    pairs = [pair for contract in new for pair in _pairs(contract)]
    yield from _refused(new, pairs[:_MOST_PAIRS])
    for contract, reader, writer in pairs[:_MOST_PAIRS]:
        for found in judge(reader.schema, writer.schema).misreadings if _passes(reader, writer) else ():
            yield _warning(contract, reader, writer, found)
    if len(pairs) > _MOST_PAIRS:
        yield _untried(pairs[_MOST_PAIRS][0], len(pairs) - _MOST_PAIRS)


def _pairs(contract: Contract) -> Iterator[_Pair]:
    level = contract.compatibility
    earlier = contract.versions[:-1] if level.transitive else contract.versions[-2:-1]
    for old in reversed(earlier):
        if level.reads_old and contract.lifting(reader=contract.current.number, writer=old.number) is None:
            yield contract, contract.current, old
        if level.is_read_by_old:
            yield contract, old, contract.current


def _refused(new: Iterable[Contract], pairs: Iterable[_Pair]) -> Iterator[Problem]:
    """Yield a warning of each schema that a consumer cannot parse: once, though it may stand in many pairs."""
    # As above.
    from hangarstack.contracts.runtime_verdict import REFUSES, Kind, refusal

    versions = {contract.current: contract for contract in new}
    versions |= {version: contract for contract, *pair in pairs for version in pair}
    for version, contract in versions.items():
        why = refusal(version.text)
        if why is not None:
            yield Problem(
                kind=f"RUNTIME_{Kind.REFUSED_SCHEMA.name}",
                contract=contract.name,
                version=contract.current.number,
                file=version.path,
                sentence=f"{REFUSES} the schema of v{version.number}: {why}",
                fix=_SAID_ANEW
                if version is contract.current
                else "Read its records with generated code: it stays as it is",
            )


def _passes(reader: Version, writer: Version) -> bool:
    try:
        return check(reader.schema, writer.schema).compatible
    except InvalidSchemaError:
        return False


def _warning(contract: Contract, reader: Version, writer: Version, found: Misreading) -> Problem:
    new = contract.current
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
        contract=contract.name,
        version=new.number,
        file=new.path,
        path=place,
        side=f"v{new.number}" if place else "",
        sentence=sentence,
        fix=fix,
        earlier=f"v{(writer if reader is new else reader).number}",
        reader=reader.number if found.witness is not None else 0,
        field=found.path,
    )


def _untried(contract: Contract, pairs: int) -> Problem:
    return Problem(
        kind="RUNTIME_NOT_TRIED",
        contract=contract.name,
        version=contract.current.number,
        file=contract.current.path,
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
