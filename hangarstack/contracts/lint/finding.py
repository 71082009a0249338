"""What a lint rule is, and what it finds."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from hangarstack.contracts.model import Contract

Place: TypeAlias = tuple[str, str]
"""Where something is, and what is wrong there."""


class Severity(enum.StrEnum):
    """An error fails the lint; a warning is only shown; a rule that is off finds nothing."""

    ERROR = "error"
    WARNING = "warning"
    OFF = "off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A named rule.

    Args:
        name: in kebab case.
        severity: of what it finds, unless ``lint.toml`` says otherwise.
        what: what it asks for, one sentence.
        why: what goes wrong where it is not kept.
        bad: an example that does not keep it: a field as JSON, or a sentence.
        good: the same, kept.
        look: yields place and sentence for each place that does not keep it; ``None`` for what is found out while
            the contract is read.
    """

    name: str
    severity: Severity
    what: str
    why: str
    bad: str
    good: str
    look: Callable[[Contract], Iterator[Place]] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One place that does not keep a rule.

    Args:
        rule: the rule.
        severity: as configured.
        directory: of the contract.
        where: file, and the place in it.
        sentence: what is wrong.
    """

    rule: Rule
    severity: Severity
    directory: Path
    where: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Linted:
    """What a lint found.

    Args:
        contracts: those that could be read, in the order of their directories' names.
        findings: contract by contract.
    """

    contracts: tuple[Contract, ...]
    findings: tuple[Finding, ...]

    @property
    def errors(self) -> tuple[Finding, ...]:
        """Those that fail it."""
        return tuple(found for found in self.findings if found.severity is Severity.ERROR)
