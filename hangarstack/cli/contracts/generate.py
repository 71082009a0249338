"""``hangarstack contracts generate``."""

from __future__ import annotations

import click

from hangarstack.cli.root import with_root
from hangarstack.codegen import check, generate, write
from hangarstack.contracts.tree import load_tree
from hangarstack.settings import Settings


@click.command(name="generate")
@click.option("--check", "only_check", is_flag=True, help="Write nothing; exit 1 when the code on disk is stale.")
@click.option("--package", default="hangarstack.events", show_default=True, help="Package that the code is.")
@with_root
def command(settings: Settings, only_check: bool, package: str) -> None:
    """Write the typed classes and codecs of the events, under the root."""
    if not all(part.isidentifier() for part in package.split(".")):
        raise click.BadParameter("must be a dotted Python name", param_hint="--package")
    files = generate(load_tree(settings.root).contracts, package)
    directory = settings.root.joinpath(*package.split("."))
    if only_check:
        check(files, directory)
        click.echo(f"{directory} is what the contracts make.")
        return
    changed = write(files, directory)
    for path in changed:
        click.echo(f"wrote {path}" if path.exists() else f"removed {path}")
    if not changed:
        click.echo(f"{directory} is what the contracts make already.")
