"""Named rules that a contract tree keeps."""

from hangarstack.contracts.lint.configuration import Configuration, Exemption, read_configuration
from hangarstack.contracts.lint.documentation import documentation
from hangarstack.contracts.lint.finding import Finding, Linted, Rule, Severity
from hangarstack.contracts.lint.linting import lint
from hangarstack.contracts.lint.rules import RULES

__all__ = [
    "RULES",
    "Configuration",
    "Exemption",
    "Finding",
    "Linted",
    "Rule",
    "Severity",
    "documentation",
    "lint",
    "read_configuration",
]
