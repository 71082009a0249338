"""``hangarstack contracts check``."""

from __future__ import annotations

import json
from typing import Any

import click
from rich.console import Console
from rich.markup import escape

from hangarstack.cli.options import as_json_option
from hangarstack.cli.root import with_root
from hangarstack.contracts.check import Break, check_tree
from hangarstack.contracts.lock import unreleased, verify_lock
from hangarstack.contracts.tree import load_tree
from hangarstack.errors import CheckFailedError
from hangarstack.settings import Settings


@click.command(name="check")
@as_json_option
@with_root
def command(settings: Settings, as_json: bool) -> None:
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
