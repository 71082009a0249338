"""``hangarstack contracts``: work on contracts, offline."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from hangarstack.cli.root import with_root
from hangarstack.contracts.check import Break, check_tree
from hangarstack.contracts.lint import RULES, Finding, Severity
from hangarstack.contracts.lint import lint as lint_tree
from hangarstack.contracts.lock import release, unreleased, verify_lock
from hangarstack.contracts.model import Contract
from hangarstack.contracts.pii import fields, is_pii
from hangarstack.contracts.schema import MISSING, to_json
from hangarstack.contracts.tree import load_tree
from hangarstack.errors import CheckFailedError, ContractTreeError
from hangarstack.settings import Settings

_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group(name="contracts")
def command() -> None:
    """Work on contracts; nothing here needs a registry or a network."""


@command.command(name="list")
@_json
@with_root
def list_contracts(settings: Settings, as_json: bool) -> None:
    """List the contracts: current version, topic, compatibility, owner."""
    tree = load_tree(settings.root)
    if as_json:
        click.echo(json.dumps([_summary(contract) for contract in tree.contracts], indent=2))
        return
    table = Table("event", "", "topic", "compatibility", "owner", box=None)
    for contract in tree.contracts:
        row = (contract.name, f"v{contract.current.number}", contract.topic, contract.compatibility, contract.owner)
        table.add_row(*map(escape, row))
    Console().print(table)


@command.command()
@click.argument("name")
@click.option("--version", "number", type=click.IntRange(1), help="Version to show; the current one unless given.")
@_json
@with_root
def show(settings: Settings, name: str, number: int | None, as_json: bool) -> None:
    """Show one contract: its fields, who may read them, and why each version came.

    NAME is the event's class, its directory, its topic or its subject.
    """
    tree = load_tree(settings.root)
    contract = tree.find(name)
    if contract is None:
        known = ", ".join(each.name for each in tree.contracts)
        raise ContractTreeError(f"there is no contract {name}", where=str(tree.root), remedy=f"There are {known}")
    if number is not None and number > len(contract.versions):
        raise ContractTreeError(
            f"{contract.name} has no version {number}",
            where=str(contract.directory),
            remedy=f"The newest is {contract.current.number}",
        )
    version = contract.versions[number - 1] if number else contract.current
    if as_json:
        click.echo(json.dumps({**_summary(contract), "version": version.number, "schema": version.json}, indent=2))
        return
    console = Console(highlight=False)
    console.print(
        f"[bold]{escape(contract.name)}[/] v{version.number} · {escape(contract.description)}", soft_wrap=True
    )
    console.print(f"{escape(contract.topic)}, key {escape(contract.key)}, {contract.compatibility}", soft_wrap=True)
    console.print(
        f"written by {escape(', '.join(contract.producers))}; read by {escape(', '.join(contract.consumers))}",
        soft_wrap=True,
    )
    table = Table("field", "type", "default", "", "meaning", box=None)
    for path, field in fields(version.schema):
        table.add_row(
            escape(path),
            escape(_type_text(to_json(field.type))),
            "" if field.default is MISSING else escape(json.dumps(field.default)),
            "[yellow]PII[/]" if is_pii(field) else "",
            escape(field.doc or ""),
        )
    console.print(table)
    for each in contract.versions:
        console.print(f"[bold]v{each.number}[/] {escape(each.reason)}", soft_wrap=True)


@command.command()
@with_root
def lock(settings: Settings) -> None:
    """Release every new version: from then on its file may not change."""
    new = release(load_tree(settings.root))
    for version in new:
        click.echo(f"released {version.path}")
    if not new:
        click.echo("Every version is released already.")


@command.command()
@_json
@with_root
def lint(settings: Settings, as_json: bool) -> None:
    """Hold the contracts against the rules; exit 1 when one finds an error."""
    found = lint_tree(load_tree(settings.root))
    if as_json:
        click.echo(json.dumps([_finding(each) for each in found], indent=2))
    else:
        _print_findings(found)
    errors = sum(each.rule.severity is Severity.ERROR for each in found)
    if errors:
        raise CheckFailedError(f"{errors} lint errors", remedy="Mend what is listed above")


@command.command()
@_json
@with_root
def check(settings: Settings, as_json: bool) -> None:
    """Judge every version against those before it, and against contracts.lock; exit 1 when one breaks readers."""
    tree = load_tree(settings.root)
    verify_lock(tree)
    breaks = check_tree(tree)
    new = unreleased(tree)
    if as_json:
        result = {"breaks": [_break(each) for each in breaks], "unreleased": [str(each.path) for each in new]}
        click.echo(json.dumps(result, indent=2))
    else:
        _print_breaks(breaks)
        for version in new:
            click.echo(f"{version.path}: not released yet; `hangarstack contracts lock` does it")
    if breaks:
        raise CheckFailedError(f"{len(breaks)} breaks", remedy="Change the new versions as said above")
    if not as_json:
        versions = sum(len(contract.versions) for contract in tree.contracts)
        click.echo(f"{versions} versions of {len(tree.contracts)} contracts keep to their levels.")


@command.command()
@click.option("--check", "only_check", is_flag=True, help="Write nothing; exit 1 when the code on disk is stale.")
@click.option("--package", default="hangarstack.events", show_default=True, help="Package that the code is.")
@with_root
def generate(settings: Settings, only_check: bool, package: str) -> None:
    """Write the typed classes and codecs of the events, under the root."""
    # The generator is not needed to list or to check, which should be quick.
    from hangarstack.codegen import check as check_code
    from hangarstack.codegen import generate as generate_code
    from hangarstack.codegen import write as write_code

    if not all(part.isidentifier() for part in package.split(".")):
        raise click.BadParameter("must be a dotted Python name", param_hint="--package")
    files = generate_code(load_tree(settings.root).contracts, package)
    directory = settings.root.joinpath(*package.split("."))
    if only_check:
        check_code(files, directory)
        click.echo(f"{directory} is what the contracts make.")
        return
    changed = write_code(files, directory)
    for path in changed:
        click.echo(f"wrote {path}" if path.exists() else f"removed {path}")
    if not changed:
        click.echo(f"{directory} is what the contracts make already.")


def _summary(contract: Contract) -> dict[str, Any]:
    return {
        "event": contract.name,
        "topic": contract.topic,
        "subject": contract.subject,
        "key": contract.key,
        "versions": len(contract.versions),
        "compatibility": contract.compatibility,
        "owner": contract.owner,
        "description": contract.description,
        "producers": contract.producers,
        "consumers": contract.consumers,
        "pii": contract.pii,
        "partitions": contract.partitions,
        "retention_ms": contract.retention_ms,
    }


def _type_text(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return " | ".join(map(_type_text, value))
    if not isinstance(value, dict):
        return str(value)
    inner = value.get("items", value.get("values"))
    if inner is not None:
        return f"{value['type']}<{_type_text(inner)}>"
    return str(value.get("name") or value.get("logicalType") or value["type"])


def _finding(found: Finding) -> dict[str, str]:
    return {
        "rule": found.rule.name,
        "severity": found.rule.severity,
        "where": found.where,
        "sentence": found.sentence,
        "why": found.rule.why,
    }


def _print_findings(findings: tuple[Finding, ...]) -> None:
    console = Console(highlight=False)
    for found in findings:
        colour = "red" if found.rule.severity is Severity.ERROR else "yellow"
        line = f"[{colour}]{found.rule.severity}[/] {escape(found.where)}: {escape(found.sentence)}"
        console.print(f"{line} [dim]({found.rule.name})[/]", soft_wrap=True)
    for name in Counter(found.rule.name for found in findings):
        why = next(rule.why for rule in RULES if rule.name == name)
        console.print(f"[dim]{name}: {escape(why)}[/]", soft_wrap=True)
    if not findings:
        console.print(f"The contracts keep all {len(RULES)} rules.")


def _break(found: Break) -> dict[str, Any]:
    return {
        "contract": found.contract.name,
        "version": found.version.number,
        "reader": found.reader.number,
        "writer": found.writer.number,
        "kind": found.kind,
        "where": found.where,
        "sentence": found.sentence,
        "fix": found.fix,
    }


def _print_breaks(breaks: tuple[Break, ...]) -> None:
    console = Console(highlight=False)
    for found in breaks:
        pair = f"{found.contract.name} v{found.reader.number} cannot read v{found.writer.number}"
        console.print(f"[red]{escape(pair)}[/]: {escape(found.sentence)}", soft_wrap=True)
        console.print(f"  {escape(found.where)} ({found.kind})", soft_wrap=True)
        console.print(f"  [green]{escape(found.fix)}[/]", soft_wrap=True)
