"""The contract and the version that a command's arguments name."""

from __future__ import annotations

from hangarstack.contracts.model import Contract, ContractTree, Version
from hangarstack.errors import ContractTreeError


def contract_of(tree: ContractTree, name: str) -> Contract:
    """Return the contract of that event, directory, topic or subject.

    Raises:
        ContractTreeError: there is none.
    """
    contract = tree.find(name)
    if contract is None:
        known = ", ".join(each.name for each in tree.contracts)
        raise ContractTreeError(f"there is no contract {name}", where=str(tree.root), remedy=f"There are {known}")
    return contract


def version_of(contract: Contract, number: int | None) -> Version:
    """Return a version of a contract; the current one when no number is given.

    Raises:
        ContractTreeError: there is none.
    """
    if number is None:
        return contract.current
    if not 1 <= number <= len(contract.versions):
        raise ContractTreeError(
            f"{contract.name} has no version {number}",
            where=str(contract.directory),
            remedy=f"The newest is {contract.current.number}",
        )
    return contract.versions[number - 1]
