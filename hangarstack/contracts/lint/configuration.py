"""``contracts/lint.toml``: how severe each rule is, and what is exempt from one, with the reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from hangarstack.contracts.lint.finding import Finding, Rule, Severity
from hangarstack.contracts.tomlfile import Table, read_toml
from hangarstack.errors import ContractTreeError


@dataclass(frozen=True, slots=True, kw_only=True)
class Exemption:
    """One place that need not keep a rule.

    Args:
        rule: its name.
        contract: directory of the contract.
        field: dotted path of the field, or name of the type; empty for the whole contract.
        reason: why.
        where: this exemption's own place.
    """

    rule: str
    contract: str
    field: str
    reason: str
    where: str

    def covers(self, finding: Finding) -> bool:
        """Tell whether a finding is exempt."""
        if (self.rule, self.contract) != (finding.rule.name, finding.directory.name):
            return False
        return not self.field or finding.where.endswith(f": {self.field}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """What ``lint.toml`` says; nothing when there is none.

    Args:
        severities: by the name of the rule.
        exemptions: in the order of the file.
    """

    severities: Mapping[str, Severity] = field(default_factory=dict)
    exemptions: tuple[Exemption, ...] = ()

    def severity(self, rule: Rule) -> Severity:
        """Return how severe a rule is here."""
        return self.severities.get(rule.name, rule.severity)


def read_configuration(path: Path, rules: Iterable[Rule]) -> Configuration:
    """Read ``lint.toml``, which may be missing.

    Raises:
        ContractTreeError: it is damaged, names a rule that does not exist, or gives no reason.
    """
    if not path.exists():
        return Configuration()
    names = [rule.name for rule in rules]
    table = read_toml(path)
    severities: dict[str, Severity] = {}
    if table.has("severity"):
        levels = table.table("severity")
        for name in levels.rest():
            if name not in names:
                raise ContractTreeError(
                    f"{name} is no rule", where=levels.where, remedy=f"Name one of {', '.join(names)}"
                )
            severities[name] = Severity(levels.choice(name, Severity))
    exemptions = [_exemption(each, names) for each in table.tables("exempt")] if table.has("exempt") else []
    table.done()
    return Configuration(severities=severities, exemptions=tuple(exemptions))


def _exemption(table: Table, names: list[str]) -> Exemption:
    found = Exemption(
        rule=table.choice("rule", names),
        contract=table.text("contract"),
        field=table.text("field") if table.has("field") else "",
        reason=table.text("reason"),
        where=table.where,
    )
    table.done()
    return found
