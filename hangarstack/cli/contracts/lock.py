"""``hangarstack contracts lock``."""

from __future__ import annotations

import click

from hangarstack.cli.root import with_root
from hangarstack.contracts.plaintext import plain
from hangarstack.contracts.releasing import release_sound
from hangarstack.contracts.tree import load_tree
from hangarstack.contracts.waivers import utc_today
from hangarstack.settings import Settings


@click.command(name="lock")
@with_root
def command(settings: Settings) -> None:
    """Release every new version: from then on its file may not change.

    Refuses while the lock lacks older versions that migrations/schemas/ registers, while a contract with a new version
    has lint errors, and while a new version breaks readers and no waiver covers it.
    """
    new = release_sound(load_tree(settings.root), today=utc_today())
    for version in new:
        click.echo(f"released {plain(str(version.path))}")
    if not new:
        click.echo("Every version is released already.")
