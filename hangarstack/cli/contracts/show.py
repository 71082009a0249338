"""``hangarstack contracts show``."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence

import click
from rich.table import Table

from hangarstack.cli.contracts.choosing import contract_of, version_of
from hangarstack.cli.contracts.summary import summary
from hangarstack.cli.options import as_json_option
from hangarstack.cli.root import with_root
from hangarstack.cli.terminal import columns, shown, wide_console
from hangarstack.contracts.fieldpaths import FIRST_PATHS_ONLY, fields_shown
from hangarstack.contracts.lock import unreleased
from hangarstack.contracts.model import Version
from hangarstack.contracts.pii import is_pii
from hangarstack.contracts.schema import MISSING
from hangarstack.contracts.tree import load_tree
from hangarstack.contracts.typetext import type_text
from hangarstack.settings import Settings


@click.command(name="show")
@click.argument("name")
@click.option("--version", "number", type=click.IntRange(1), help="Version to show; the current one unless given.")
@as_json_option
@with_root
def command(settings: Settings, name: str, number: int | None, as_json: bool) -> None:
    """Show one contract: its fields, who may read them, and why each version came.

    NAME is the event's class, its directory, its topic or its subject.
    """
    tree = load_tree(settings.root)
    contract, new = contract_of(tree, name), unreleased(tree)
    version = version_of(contract, number)
    if as_json:
        click.echo(
            json.dumps(
                {
                    **summary(contract),
                    "version": version.number,
                    "released": version not in new,
                    "schema": version.json,
                },
                indent=2,
            )
        )
        return
    console = wide_console()
    console.print(
        f"[bold]{shown(contract.name)}[/] v{version.number}{_mark(version, new)} · {shown(contract.description)}",
        soft_wrap=True,
    )
    console.print(f"{shown(contract.topic)}, key {shown(contract.key)}, {contract.compatibility}", soft_wrap=True)
    console.print(
        f"written by {_listed(contract.producers)}; read by {_listed(contract.consumers)}",
        soft_wrap=True,
    )
    console.print(_fields(version))
    for each in contract.versions:
        console.print(f"[bold]v{each.number}[/]{_mark(each, new)} {shown(each.reason)}", soft_wrap=True)


def _listed(names: Sequence[str]) -> str:
    return shown(", ".join(names)) or "nobody"


def _fields(version: Version) -> Table:
    found, everywhere = fields_shown(version.schema)
    names = columns("field", "type", "default", "", "meaning")
    table = Table(*names, box=None, caption=None if everywhere else FIRST_PATHS_ONLY)
    for path, field in found:
        table.add_row(
            shown(path),
            shown(type_text(field.type)),
            "" if field.default is MISSING else shown(json.dumps(field.default)),
            "[yellow]PII[/]" if is_pii(field) else "",
            shown(field.doc or ""),
        )
    return table


def _mark(version: Version, unreleased: Collection[Version]) -> str:
    return " [yellow](not released yet)[/]" if version in unreleased else ""
