"""``hangarstack contracts docs``."""

from __future__ import annotations

import contextlib
from collections.abc import Collection
from pathlib import Path

import click

from hangarstack.cli.contracts.declared import declarations
from hangarstack.cli.root import with_root
from hangarstack.contracts.docs import pages
from hangarstack.contracts.docs.markup import MADE_BY
from hangarstack.contracts.tree import load_tree
from hangarstack.errors import ContractTreeError
from hangarstack.settings import Settings


@click.command(name="docs")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("contracts-docs"),
    show_default=True,
    help="Directory for the pages of one tree; it is made when it is missing.",
)
@with_root
def command(settings: Settings, out: Path) -> None:
    """Write a page for each contract, to be opened in a browser or served as it is."""
    found = pages(load_tree(settings.root), declarations())
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, text in found.items():
            (out / name).write_text(text, encoding="utf-8")
        _remove_others(out, found)
    except OSError as error:
        raise ContractTreeError(
            f"a page cannot be written: {error.strerror}", where=str(out), remedy="Choose another --out"
        ) from error
    click.echo(f"wrote {len(found)} files; open {out / 'index.html'}")


def _remove_others(out: Path, found: Collection[str]) -> None:
    """Remove the pages of contracts that are no more, and nothing that somebody else has put there."""
    for path in out.glob("*.html"):
        # Nothing is done about what cannot be looked at: a pipe might never come to its end.
        if path.name not in found and path.is_file() and not path.is_symlink():
            with contextlib.suppress(OSError), path.open("rb") as page:
                if page.read(len(MADE_BY)) == MADE_BY.encode():
                    path.unlink()
