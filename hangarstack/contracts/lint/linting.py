"""Holding a tree against the rules, as configured."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from hangarstack.contracts.lint.configuration import Configuration, Exemption, read_configuration
from hangarstack.contracts.lint.finding import Finding, Linted, Place, Rule, Severity
from hangarstack.contracts.lint.rules import CONTIGUOUS, EXEMPTIONS, KNOWN_KEYS, RULES, WELL_FORMED
from hangarstack.contracts.majors import read_upcasters
from hangarstack.contracts.model import Contract
from hangarstack.contracts.tree import Seen, check_together, load_contract, load_tree
from hangarstack.contracts.versionfiles import contract_directories
from hangarstack.errors import (
    ContractError,
    InvalidSchemaError,
    UnknownKeyError,
    UnreadableFileError,
    VersionGapError,
)

_RULE_OF: Final[Mapping[type[ContractError], Rule]] = {
    UnknownKeyError: KNOWN_KEYS,
    VersionGapError: CONTIGUOUS,
    UnreadableFileError: WELL_FORMED,
    InvalidSchemaError: WELL_FORMED,
}
"""The error with which a contract is refused, and the rule that it does not keep."""


def lint(root: Path) -> Linted:
    """Find every place under ``root/contracts/`` that does not keep a rule, contract by contract.

    Args:
        root: the directory that holds ``contracts/``.

    Raises:
        ContractTreeError: there is no contract, or ``lint.toml``, a ``contract.toml`` or a step cannot be understood.
        SchemaMigrationError: a step lifts a version that is not there.
    """
    found = _directories(root)
    linter = _Linter(read_configuration(root / "contracts" / "lint.toml", RULES))
    upcasters = read_upcasters(root)
    seen = Seen()
    contracts: list[Contract] = []
    for directory in found:
        try:
            contract = load_contract(directory, seen, upcasters=upcasters.get(directory.name, ()))
        except tuple(_RULE_OF) as error:
            linter.note(_RULE_OF[type(error)], directory, [(error.where, error.what)])
        else:
            linter.hold(contract)
            contracts.append(contract)
    if len(contracts) == len(found):
        check_together(contracts, upcasters)
    linter.hold_exemptions()
    return Linted(contracts=tuple(contracts), findings=tuple(linter.found))


class _Linter:
    def __init__(self, configuration: Configuration) -> None:
        self._configuration = configuration
        self._used: set[Exemption] = set()
        self.found: list[Finding] = []

    def hold(self, contract: Contract) -> None:
        for rule in RULES:
            if rule.look is not None and self._configuration.severity(rule) is not Severity.OFF:
                self.note(rule, contract.directory, rule.look(contract))

    def note(self, rule: Rule, directory: Path, places: Iterator[Place] | list[Place]) -> None:
        severity = self._configuration.severity(rule)
        for where, sentence in places if severity is not Severity.OFF else ():
            finding = Finding(rule=rule, severity=severity, directory=directory, where=where, sentence=sentence)
            covering = {each for each in self._configuration.exemptions if each.covers(finding)}
            self._used |= covering
            if not covering:
                self.found.append(finding)

    def hold_exemptions(self) -> None:
        for each in self._configuration.exemptions:
            if each not in self._used:
                place = each.where, f"nothing of {each.contract} needs this exemption from {each.rule}"
                self.note(EXEMPTIONS, Path(each.contract), [place])


def _directories(root: Path) -> list[Path]:
    found = contract_directories(root / "contracts" / "avro")
    if not found:
        load_tree(root)  # says what is missing
    return found
