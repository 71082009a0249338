"""The runtime verdict on what is proposed: new versions, held against those that their events will meet."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator
from typing import TYPE_CHECKING, Final

from hangarstack.contracts.compatibility import check
from hangarstack.contracts.model import Contract, Version
from hangarstack.errors import InvalidSchemaError

if TYPE_CHECKING:
    from hangarstack.contracts.runtime_verdict import Misreading

_MOST_PAIRS: Final = 100
"""Pairs that are tried at once, a millisecond or two each."""
_LONGEST_RECORD: Final = 200


def misread(contracts: Iterable[Contract], proposed: Collection[Version]) -> Iterator[str]:
    """Yield a line for each thing that a reader gets wrong though the registry lets it pass.

    Args:
        contracts: to look at.
        proposed: versions that are not released yet; of each contract the current one is tried, if it is among them.
    """
    pairs = [pair for contract in contracts for pair in _pairs(contract, proposed)]
    if not pairs:
        return
    # fastavro takes 40 ms to import, which a check that has nothing to try should not pay.
    from hangarstack.contracts.runtime_verdict import judge

    for contract, reader, writer in pairs[:_MOST_PAIRS]:
        for found in judge(reader.schema, writer.schema).misreadings if _passes(reader, writer) else ():
            yield f"{contract.name}: v{reader.number} misreads v{writer.number}: {_line(found)}"
    if len(pairs) > _MOST_PAIRS:
        rest = len(pairs) - _MOST_PAIRS
        yield f"{rest} more pairs of versions were not tried at run time; `hangarstack contracts diff` tries one"


def _pairs(contract: Contract, proposed: Collection[Version]) -> Iterator[tuple[Contract, Version, Version]]:
    level = contract.compatibility
    if not contract.versions or contract.current not in proposed:
        return
    earlier = contract.versions[:-1] if level.transitive else contract.versions[-2:-1]
    for old in reversed(earlier):
        if level.reads_old:
            yield contract, contract.current, old
        if level.is_read_by_old:
            yield contract, old, contract.current


def _passes(reader: Version, writer: Version) -> bool:
    try:
        return check(reader.schema, writer.schema).compatible
    except InvalidSchemaError:
        return False


def _line(found: Misreading) -> str:
    where = found.path or "the record"
    if found.witness is None:
        return f"{where}: {found.sentence}"
    record = json.dumps(found.witness.record, ensure_ascii=False)
    if len(record) > _LONGEST_RECORD:
        record = f"{record[: _LONGEST_RECORD - 1]}…"
    both = f"written {found.witness.written}, read {found.witness.read}"
    return f"{where}: {found.sentence} ({both}) in {record}"
