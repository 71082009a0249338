"""``hangarstack contracts impact``."""

from __future__ import annotations

import json
from typing import Any

import click
from rich.console import Console

from hangarstack.cli.contracts.choosing import contract_of, version_of
from hangarstack.cli.contracts.declared import declarations
from hangarstack.cli.options import as_json_option
from hangarstack.cli.root import with_root
from hangarstack.cli.terminal import shown
from hangarstack.contracts.impact import STOPPING, Change, Effect, Touched, change, deploy_order, touched
from hangarstack.contracts.lock import unreleased
from hangarstack.contracts.model import ContractTree
from hangarstack.contracts.tree import load_tree
from hangarstack.errors import CheckFailedError
from hangarstack.settings import Settings

_COLOURS = dict.fromkeys([*STOPPING, Effect.BROKEN], "red") | {Effect.NONE: "green"}


@click.command(name="impact")
@click.argument("name", required=False)
@click.option("--from", "old", type=click.IntRange(1), help="Version in use; the one before --to unless given.")
@click.option("--to", "new", type=click.IntRange(1), help="Version proposed; the current one unless given.")
@as_json_option
@with_root
def command(settings: Settings, name: str | None, old: int | None, new: int | None, as_json: bool) -> None:
    """Say which services a change breaks or costs data, and in which order to deploy it.

    Without NAME every version is a proposal that is not in contracts.lock yet. A service is judged as a reader of the
    version that it declares. Exit 1 when one breaks or reads wrong values in whatever order it is deployed.
    """
    if name is None and (old or new):
        raise click.UsageError("--from and --to need a NAME")
    tree = load_tree(settings.root)
    changes = _proposals(tree) if name is None else [_chosen(tree, name, old, new)]
    declared = declarations()
    found = [(each, touched(each, declared)) for each in changes]
    if as_json:
        click.echo(json.dumps([_as_json(*each) for each in found], indent=2))
    else:
        for each in found:
            _print(*each)
        if not found:
            click.echo("Nothing is proposed: contracts.lock holds every version.")
    hopeless = [each for each, services in found if any(service.stops for service in services)]
    if hopeless:
        names = ", ".join(f"{each.contract.name} v{each.new.number}" for each in hopeless)
        raise CheckFailedError(f"{names}: no order of deployment works", remedy="Change it as `contracts check` says")


def _proposals(tree: ContractTree) -> list[Change]:
    new = set(unreleased(tree))
    return [
        change(contract, before, version)
        for contract in tree.contracts
        for before, version in zip(contract.versions, contract.versions[1:], strict=False)
        if version in new
    ]


def _chosen(tree: ContractTree, name: str, old: int | None, new: int | None) -> Change:
    contract = contract_of(tree, name)
    to = version_of(contract, new)
    if old is None and to.number == 1:
        raise click.UsageError(f"{contract.name} v1 changes nothing: it is the first")
    before = version_of(contract, old or to.number - 1)
    if before.number >= to.number:
        raise click.UsageError(f"v{before.number} is not before v{to.number}")
    return change(contract, before, to)


def _as_json(proposed: Change, services: tuple[Touched, ...]) -> dict[str, Any]:
    return {
        "contract": proposed.contract.name,
        "from": proposed.old.number,
        "to": proposed.new.number,
        "services": [
            {
                "name": each.consumer,
                "declared": each.declared is not None,
                "version": each.declared,
                "effect": each.effect,
                "reasons": [{"effect": effect, "sentence": sentence} for effect, sentence in each.reasons],
            }
            for each in services
        ],
        "order": deploy_order(proposed, services),
    }


def _print(proposed: Change, services: tuple[Touched, ...]) -> None:
    console = Console(highlight=False)
    title = f"{proposed.contract.name} v{proposed.old.number} → v{proposed.new.number}"
    console.print(f"[bold]{shown(title)}[/]", soft_wrap=True)
    for each in services:
        colour = _COLOURS.get(each.effect, "yellow")
        unknown = "" if each.declared is not None else " [dim](declares no fields, so taken to read all)[/]"
        console.print(f"  {shown(each.consumer)}: [{colour}]{each.effect}[/]{unknown}", soft_wrap=True)
        for _, sentence in each.reasons:
            console.print(f"    {shown(sentence)}", soft_wrap=True)
    if not services:
        console.print("  no service reads it")
    for number, step in enumerate(deploy_order(proposed, services), start=1):
        console.print(f"  {number}. {shown(step)}", soft_wrap=True)
