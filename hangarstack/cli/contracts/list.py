"""``hangarstack contracts list``."""

from __future__ import annotations

import json

import click
from rich.table import Table

from hangarstack.cli.contracts.summary import summary
from hangarstack.cli.options import as_json_option
from hangarstack.cli.root import with_root
from hangarstack.cli.terminal import columns, shown, wide_console
from hangarstack.contracts.tree import load_tree
from hangarstack.settings import Settings


@click.command(name="list")
@as_json_option
@with_root
def command(settings: Settings, as_json: bool) -> None:
    """List the contracts: current version, topic, compatibility, owner."""
    tree = load_tree(settings.root)
    if as_json:
        click.echo(json.dumps([summary(contract) for contract in tree.contracts], indent=2))
        return
    table = Table(*columns("event", "", "topic", "compatibility", "owner"), box=None)
    for contract in tree.contracts:
        row = (contract.name, f"v{contract.current.number}", contract.topic, contract.compatibility, contract.owner)
        table.add_row(*map(shown, row))
    wide_console().print(table)
