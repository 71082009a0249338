"""``hangarstack contracts generate``."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from hangarstack.cli.root import with_root
from hangarstack.codegen import check, generate, try_upcasters, write
from hangarstack.contracts.tree import load_tree
from hangarstack.settings import Settings

_OURS: Final = "hangarstack.events"


@click.command(name="generate")
@click.option("--check", "only_check", is_flag=True, help="Write nothing; exit 1 when the code on disk is stale.")
@click.option("--package", help=f"Dotted name of the package that the code is; {_OURS} where the root has that.")
@with_root
def command(settings: Settings, only_check: bool, package: str | None) -> None:
    """Write the typed classes and codecs of the events, under the root.

    With --check the functions that lift old major versions are tried, too: each is imported, and lifts the examples.
    """
    if package is None:
        if not _directory(settings.root, _OURS).is_dir():
            raise click.UsageError("--package is missing: say which package the code is, such as shop.events")
        package = _OURS
    if not all(part.isidentifier() for part in package.split(".")):
        raise click.BadParameter("must be a dotted Python name", param_hint="--package")
    contracts = load_tree(settings.root).contracts
    files = generate(contracts, package)
    directory = _directory(settings.root, package)
    if only_check:
        check(files, directory)
        click.echo(f"{directory} is what the contracts make.")
        lifted = try_upcasters(contracts, package, settings.root)
        if lifted:
            click.echo(f"The upcasters lift all {lifted} examples of old major versions.")
        return
    changed = write(files, directory)
    for path in changed:
        click.echo(f"wrote {path}" if path.exists() else f"removed {path}")
    if not changed:
        click.echo(f"{directory} is what the contracts make already.")


def _directory(root: Path, package: str) -> Path:
    return root.joinpath(*package.split("."))
