"""``hangarstack contracts generate``."""

from __future__ import annotations

from pathlib import Path

import click

from hangarstack.cli.contracts.package import generate_line, package_name
from hangarstack.cli.root import with_root
from hangarstack.cli.terminal import from_here
from hangarstack.codegen import check, generate, generated_packages, try_upcasters, write
from hangarstack.contracts.tree import load_tree
from hangarstack.settings import Settings


@click.command(name="generate")
@click.option("--check", "only_check", is_flag=True, help="Write nothing; exit 1 when the code on disk is stale.")
@click.option(
    "--package",
    callback=package_name,
    help="Dotted name of the package that the code is; the one under the root that holds generated code unless given.",
)
@with_root
def command(settings: Settings, only_check: bool, package: str | None) -> None:
    """Write the typed classes and codecs of the events, under the root.

    What is written by hand is neither overwritten nor left among the code: exit 1 names it, and nothing is written.

    With --check the functions that lift old major versions are tried, too: each is imported, and lifts the examples.
    """
    package = package or _only_package(settings.root)
    contracts = load_tree(settings.root).contracts
    files = generate(contracts, package)
    directory = settings.root.joinpath(*package.split("."))
    if only_check:
        check(files, directory, command=generate_line(settings.root, package))
        click.echo(f"{from_here(directory)} is what the contracts make.")
        lifted = try_upcasters(contracts, package, settings.root)
        if lifted:
            click.echo(f"The upcasters lift all {lifted} examples of old major versions.")
        return
    changed = write(files, directory)
    for path in changed:
        click.echo(f"{'wrote' if path.exists() else 'removed'} {from_here(path)}")
    if not changed:
        click.echo(f"{from_here(directory)} is what the contracts make already.")


def _only_package(root: Path) -> str:
    found = generated_packages(root)
    if len(found) != 1:
        which = f"one of {', '.join(found)}" if found else "such as shop.events"
        raise click.UsageError(f"--package is missing: say which package the code is, {which}")
    return found[0]
