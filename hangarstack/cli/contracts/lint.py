"""``hangarstack contracts lint``."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Final

import click
from rich.console import Console

from hangarstack.cli.contracts.uncollected import uncollected
from hangarstack.cli.options import as_json_option, report_format
from hangarstack.cli.root import with_root
from hangarstack.cli.terminal import shown
from hangarstack.contracts.lint import RULES, Finding, Linted, Severity, documentation, lint
from hangarstack.contracts.plaintext import plain
from hangarstack.contracts.report import FORMATS, renderer, unrun
from hangarstack.errors import CheckFailedError, HangarStackError
from hangarstack.settings import Settings

_PRAISE: Final = f"The contracts keep all {len(RULES)} rules."


@click.command(name="lint")
@click.option("--explain", is_flag=True, help="Explain every rule, as docs/lint.md does, and look at nothing.")
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True, help="Of the report.")
@as_json_option
@with_root
def command(settings: Settings, explain: bool, form: str, as_json: bool) -> None:
    """Hold the contracts against the rules; exit 1 when one finds an error.

    Exit 2 when nothing can be said: a contract.toml or lint.toml cannot be understood.

    contracts/lint.toml sets how severe each rule is, and exempts places with a reason.
    """
    if explain:
        click.echo(documentation(), nl=False)
        return
    form = report_format(form, as_json=as_json)
    try:
        with uncollected():
            linted = lint(settings.root)
    except HangarStackError as error:
        # Who reads only the report must not take silence for a pass.
        click.echo(unrun(form, plain(str(error))), nl=False)
        raise
    _print(linted, form)
    if errors := len(linted.errors):
        raise CheckFailedError(f"{errors} lint error{'s' * (errors > 1)}", remedy="Mend what is listed above")


def _print(linted: Linted, form: str) -> None:
    if form == "json":
        click.echo(json.dumps([_finding(each) for each in linted.findings], indent=2))
    elif form == "text":
        _print_findings(linted.findings)
    else:
        # It brings the report's code, which nobody at a terminal needs.
        from hangarstack.contracts.lint.reporting import report_of

        click.echo(renderer(form)(report_of(linted, praise=_PRAISE), Path.cwd()), nl=False)


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
        console.print(_PRAISE)
