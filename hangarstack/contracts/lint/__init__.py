"""Named rules that a contract tree keeps."""

from __future__ import annotations

from typing import Final

from hangarstack.contracts.lint import files, schemas
from hangarstack.contracts.lint.finding import Finding, Rule, Severity
from hangarstack.contracts.model import ContractTree

RULES: Final = (
    Rule(
        name="documented",
        severity=Severity.ERROR,
        why="A field that nobody explained is read differently by each team.",
        look=schemas.documented,
    ),
    Rule(
        name="names",
        severity=Severity.ERROR,
        why="Names become attributes, classes and constants in generated code.",
        look=schemas.names,
    ),
    Rule(
        name="header-fields",
        severity=Severity.ERROR,
        why="Consumers recognise a repeated event by its id and order events by their time.",
        look=schemas.header,
    ),
    Rule(
        name="enum-default",
        severity=Severity.ERROR,
        why="Without a default symbol no symbol can ever be added without breaking readers.",
        look=schemas.enum_default,
    ),
    Rule(
        name="optional-shape",
        severity=Severity.ERROR,
        why="Only a field that begins with null and defaults to it can be added and removed at will.",
        look=schemas.optional_shape,
    ),
    Rule(
        name="logical-time",
        severity=Severity.WARNING,
        why="A bare number does not say whether it counts seconds or microseconds.",
        look=schemas.logical_time,
    ),
    Rule(
        name="personal-data",
        severity=Severity.ERROR,
        why="What is not tagged is neither masked nor found when somebody asks to be forgotten.",
        look=schemas.personal,
    ),
    Rule(
        name="examples",
        severity=Severity.ERROR,
        why="An example shows what a version means, and tries every later reader.",
        look=files.examples,
    ),
    Rule(
        name="no-orphans",
        severity=Severity.ERROR,
        why="A file that nobody reads looks like a promise.",
        look=files.orphans,
    ),
)


def lint(tree: ContractTree) -> tuple[Finding, ...]:
    """Return every place that does not keep a rule, contract by contract."""
    return tuple(
        Finding(rule=rule, where=where, sentence=sentence)
        for contract in tree.contracts
        for rule in RULES
        for where, sentence in rule.look(contract)
    )


__all__ = ["RULES", "Finding", "Rule", "Severity", "lint"]
