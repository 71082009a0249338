"""What consumers of a contract declare that they read, wherever they declare it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from hangarstack.contracts.declared import Declared
from hangarstack.contracts.model import Contract


def declared_of(contract: Contract, declarations: Iterable[Declared]) -> Mapping[str, Declared]:
    """Return the declarations about a contract, by consumer: those of its ``contract.toml``, and those of code.

    Args:
        contract: the contract.
        declarations: of code, about whatever events; one of them counts more than what the file says.
    """
    names = {contract.name, contract.current.schema.name}
    found = {each.consumer: each for each in contract.reads}
    return found | {each.consumer: each for each in declarations if each.event in names}
