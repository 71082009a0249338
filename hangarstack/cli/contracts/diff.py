"""``hangarstack contracts diff``."""

from __future__ import annotations

import json
from typing import Any

import click
from rich.console import Console

from hangarstack.cli.contracts.choosing import contract_of, version_of
from hangarstack.cli.options import as_json_option
from hangarstack.cli.root import with_root
from hangarstack.cli.terminal import shown
from hangarstack.contracts.diff import Mark, diff
from hangarstack.contracts.impact import Reading, read_by
from hangarstack.contracts.model import Upcaster
from hangarstack.contracts.runtime_verdict import Kind, Misreading
from hangarstack.contracts.tree import load_tree
from hangarstack.settings import Settings

_COLOURS = {Mark.ADDED: "green", Mark.REMOVED: "red", Mark.CHANGED: "yellow"}


@click.command(name="diff")
@click.argument("name")
@click.argument("old", type=click.IntRange(1), required=False)
@click.argument("new", type=click.IntRange(1), required=False)
@as_json_option
@with_root
def command(settings: Settings, name: str, old: int | None, new: int | None, as_json: bool) -> None:
    """Say in words what differs between two versions, and who can read whom.

    NAME is the event's class, its directory, its topic or its subject. OLD and NEW are numbers of versions: the
    current one and the one before it unless given.
    """
    contract = contract_of(load_tree(settings.root), name)
    after = version_of(contract, new)
    if old is None and after.number == 1:
        raise click.UsageError(f"{contract.name} has one version only")
    before = version_of(contract, old or after.number - 1)
    found = diff(before.schema, after.schema)
    readings = (read_by(after, before), read_by(before, after)) if before is not after else (read_by(after, before),)
    if as_json:
        differences = [{"mark": each.mark, "path": each.path, "sentence": each.sentence} for each in found]
        result = {"differences": differences, "readings": [_reading(each) for each in readings]}
        click.echo(json.dumps(result, indent=2))
        return
    console = Console(highlight=False)
    console.print(f"[bold]{shown(contract.name)} v{before.number} → v{after.number}[/]", soft_wrap=True)
    for each in found:
        line = f"{each.mark} {each.path} {each.sentence}"
        console.print(f"[{_COLOURS[each.mark]}]{shown(line)}[/]", soft_wrap=True)
    if not found:
        console.print("They mean the same.")
    for reading in readings:
        _print(console, reading, contract.lifting(reader=reading.reader.number, writer=reading.writer.number))


def _print(console: Console, reading: Reading, lifter: Upcaster | None) -> None:
    pair = f"v{reading.reader.number}", f"v{reading.writer.number}"
    if reading.possible:
        console.print(f"[green]{pair[0]} reads {pair[1]}[/]", soft_wrap=True)
    for refusal in reading.refusals:
        console.print(f"[red]{pair[0]} cannot read {pair[1]}[/]: {shown(refusal)}", soft_wrap=True)
    if lifter is not None:
        console.print(f"  our code can: {shown(lifter.function)} lifts its events", soft_wrap=True)
    for found in reading.misreadings:
        if found.kind is Kind.NOT_TRIED:
            console.print(f"  [yellow]but {shown(found.sentence)}[/]", soft_wrap=True)
            continue
        how = "loses data of" if found.loses else "misreads"
        console.print(
            f"  [yellow]but {how} {shown(found.path or 'the record')}[/]: {shown(found.sentence)}", soft_wrap=True
        )
        if found.witness is not None:
            proof = json.dumps(found.witness.record, ensure_ascii=False)
            both = f"written {found.witness.written}, read {found.witness.read}"
            console.print(f"  {shown(both)}, in {shown(proof)}", soft_wrap=True)


def _reading(reading: Reading) -> dict[str, Any]:
    return {
        "reader": reading.reader.number,
        "writer": reading.writer.number,
        "compatible": reading.possible,
        "refusals": reading.refusals,
        "misreadings": [_misreading(each) for each in reading.misreadings],
    }


def _misreading(found: Misreading) -> dict[str, Any]:
    witness = found.witness
    proof = None
    if witness is not None:
        proof = {
            "record": witness.record,
            "body": witness.body.hex(),
            "written": witness.written,
            "read": witness.read,
        }
    return {"kind": found.kind, "path": found.path, "sentence": found.sentence, "witness": proof}
