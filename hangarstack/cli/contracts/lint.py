"""``hangarstack contracts lint``."""

from __future__ import annotations

import json
from collections import Counter

import click
from rich.console import Console

from hangarstack.cli.options import as_json_option
from hangarstack.cli.root import with_root
from hangarstack.cli.terminal import shown
from hangarstack.contracts.lint import RULES, Finding, Severity, documentation, lint
from hangarstack.errors import CheckFailedError
from hangarstack.settings import Settings


@click.command(name="lint")
@click.option("--explain", is_flag=True, help="Explain every rule, as docs/lint.md does, and look at nothing.")
@as_json_option
@with_root
def command(settings: Settings, explain: bool, as_json: bool) -> None:
    """Hold the contracts against the rules; exit 1 when one finds an error.

    Exit 2 when nothing can be said: a contract.toml or lint.toml cannot be understood.

    contracts/lint.toml sets how severe each rule is, and exempts places with a reason.
    """
    if explain:
        click.echo(documentation(), nl=False)
        return
    found = lint(settings.root)
    if as_json:
        click.echo(json.dumps([_finding(each) for each in found], indent=2))
    else:
        _print_findings(found)
    errors = sum(each.severity is Severity.ERROR for each in found)
    if errors:
        raise CheckFailedError(f"{errors} lint error{'s' * (errors > 1)}", remedy="Mend what is listed above")


def _finding(found: Finding) -> dict[str, str]:
    return {
        "rule": found.rule.name,
        "severity": found.severity,
        "where": found.where,
        "sentence": found.sentence,
        "why": found.rule.why,
    }


def _print_findings(findings: tuple[Finding, ...]) -> None:
    console = Console(highlight=False)
    for found in findings:
        colour = "red" if found.severity is Severity.ERROR else "yellow"
        line = f"[{colour}]{found.severity}[/] {shown(found.where)}: {shown(found.sentence)}"
        console.print(f"{line} [dim]({found.rule.name})[/]", soft_wrap=True)
    for name in Counter(found.rule.name for found in findings):
        why = next(rule.why for rule in RULES if rule.name == name)
        console.print(f"[dim]{name}: {shown(why)}[/]", soft_wrap=True)
    if not findings:
        console.print(f"The contracts keep all {len(RULES)} rules.")
