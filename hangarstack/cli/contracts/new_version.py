"""``hangarstack contracts new-version``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from hangarstack.cli.contracts.choosing import contract_of
from hangarstack.cli.contracts.package import generate_line
from hangarstack.cli.root import root_option, with_root
from hangarstack.cli.terminal import from_here
from hangarstack.codegen import generated_packages
from hangarstack.contracts.newversion import begin_version, checklist
from hangarstack.contracts.plaintext import plain
from hangarstack.contracts.tree import load_tree
from hangarstack.settings import Settings


@click.command(name="new-version")
@click.argument("name")
@click.option("--reason", help="Why, in one sentence; it is kept in contract.toml. Asked for when not given.")
@with_root
def command(settings: Settings, name: str, reason: str | None) -> None:
    """Begin the next version of a contract: copy the current one, and list what is to be done.

    NAME is the event's class, its directory, its topic or its subject.
    """
    tree = load_tree(settings.root)
    contract = contract_of(tree, name)
    if reason is None:
        try:
            reason = str(click.prompt("Why is there a new version?"))
        except click.Abort as error:
            if sys.stdin.isatty():
                raise
            raise click.UsageError("give --reason where nobody can be asked") from error
    if not reason.strip() or plain(reason) != reason:
        raise click.BadParameter("must be one line of text", param_hint="--reason")
    for path in begin_version(tree, contract, reason.strip()):
        click.echo(f"wrote {from_here(path)}")
    click.echo("\nTo do:")
    packages = generated_packages(settings.root) or ["PACKAGE"]
    generates = " and ".join(f"`{generate_line(settings.root, package)}`" for package in packages)
    for item in checklist(contract, generates=generates, options=root_option(settings.root), base=Path.cwd()):
        click.echo(f"  [ ] {plain(item)}")
