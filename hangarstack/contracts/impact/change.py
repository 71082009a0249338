"""A proposed change of a contract."""

from __future__ import annotations

from dataclasses import dataclass

from hangarstack.contracts.impact.reading import Readings
from hangarstack.contracts.model import Contract, Version


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Change:
    """A proposed change: one version after another.

    Args:
        contract: the contract.
        old: the version that is in use.
        new: the version that shall be.
        readings: what versions of the contract get from each other.
    """

    contract: Contract
    old: Version
    new: Version
    readings: Readings

    @property
    def earlier(self) -> tuple[Version, ...]:
        """The versions that may still be in the topic, newest first."""
        return tuple(version for version in reversed(self.contract.versions) if version.number <= self.old.number)


def change(contract: Contract, old: Version, new: Version) -> Change:
    """Propose that one version of a contract shall follow another."""
    return Change(contract=contract, old=old, new=new, readings=Readings(contract))
