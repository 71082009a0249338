"""``hangarstack doctor``."""

from __future__ import annotations

import dataclasses
import json

import click

from hangarstack.cli.root import root_option, with_root
from hangarstack.contracts.plaintext import plain
from hangarstack.contracts.tree import load_tree
from hangarstack.doctor.checks import CHECKS
from hangarstack.doctor.examination import Check, Finding, examine
from hangarstack.doctor.trees import checks_of
from hangarstack.errors import CheckFailedError
from hangarstack.settings import Settings


@click.command(name="doctor")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@with_root
def command(settings: Settings, as_json: bool) -> None:
    """Check connection, producer, consumer, registry and the way end to end; exit code 1 when one fails.

    Of a tree of somebody else's events the topics and schemas are checked, and none of its events is written.
    """
    findings = []
    for finding in examine(settings, _checks(settings)):
        findings.append(finding)
        if not as_json:
            _print(finding)
    ok = all(finding.ok for finding in findings)
    if as_json:
        click.echo(json.dumps({"ok": ok, "checks": [dataclasses.asdict(each) for each in findings]}, indent=2))
    if not ok:
        failed = [finding.check for finding in findings if not finding.ok]
        raise CheckFailedError(f"{len(failed)} of {len(findings)} checks failed: {', '.join(failed)}")


def _checks(settings: Settings) -> tuple[Check, ...]:
    if not (settings.root / "contracts" / "avro").is_dir():
        return CHECKS  # a machine that has only the installed package runs our services
    return checks_of(load_tree(settings.root), root_option(settings.root))


def _print(finding: Finding) -> None:
    width = max(len(check.name) for check in CHECKS)
    mark = "⚪" if finding.skipped else "✅" if finding.ok else "❌"
    click.echo(f"{mark} {finding.check:{width}}  {plain(finding.detail)}")
    if not finding.ok:
        click.echo(f"   {'':{width}}  → {plain(finding.remedy)}")
