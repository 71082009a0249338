"""Whether every version of every contract keeps to the contract's compatibility level."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hangarstack.contracts.compatibility.shortcut import Shortcut
from hangarstack.contracts.model import Contract, ContractTree, Version
from hangarstack.errors import InvalidSchemaError


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """One place where a version breaks readers.

    Args:
        contract: the contract.
        version: the version that breaks them.
        reader: version whose reader cannot read.
        writer: version whose writer it cannot read.
        kind: Avro's name for it.
        where: the reader's file, and a JSON pointer into it.
        sentence: what is wrong, in plain words.
        fix: what to do instead.
    """

    contract: Contract
    version: Version
    reader: Version
    writer: Version
    kind: str
    where: str
    sentence: str
    fix: str


def check_tree(tree: ContractTree) -> tuple[Break, ...]:
    """Judge every version against those before it, at its contract's level."""
    return tuple(found for contract in tree.contracts for found in check_contract(contract))


def check_contract(contract: Contract) -> Iterator[Break]:
    """Judge every version of one contract against those before it."""
    level, judge = contract.compatibility, Shortcut()
    for index, version in enumerate(contract.versions):
        # Without a level in either direction nothing is compared at all.
        earlier = contract.versions[:index] if level.transitive else contract.versions[max(index - 1, 0) : index]
        for old in reversed(earlier):
            if level.reads_old:
                yield from _breaks(judge, contract, version, reader=version, writer=old)
            if level.is_read_by_old:
                yield from _breaks(judge, contract, version, reader=old, writer=version)


def _breaks(
    judge: Shortcut, contract: Contract, version: Version, *, reader: Version, writer: Version
) -> Iterator[Break]:
    try:
        verdict = judge.check(reader.schema, writer.schema)
    except InvalidSchemaError as error:
        yield Break(
            contract=contract,
            version=version,
            reader=reader,
            writer=writer,
            kind="AMBIGUOUS_ALIAS",
            where=f"{reader.path}#{error.where.partition('#')[2]}",
            sentence=error.what,
            fix=error.remedy,
        )
        return
    for found in verdict.incompatibilities:
        yield Break(
            contract=contract,
            version=version,
            reader=reader,
            writer=writer,
            kind=found.type,
            where=f"{reader.path}#{found.path}",
            sentence=found.sentence,
            fix=found.fix,
        )
