"""``hangarstack contracts init``."""

from __future__ import annotations

import importlib.metadata
import json
import re
import shlex
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import click

from hangarstack.cli.contracts.package import package_name
from hangarstack.cli.terminal import from_here
from hangarstack.contracts.starting import Choices, begin

_SOURCE: Final = re.compile(r"([A-Za-z0-9-]+/[A-Za-z0-9._-]+?)(?:\.git)?(?:@([A-Za-z0-9._/-]+))?")


@click.command(name="init")
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path), default=Path())
@click.option(
    "--package",
    callback=package_name,
    default="events",
    show_default=True,
    help="Dotted name of the package to generate.",
)
@click.option(
    "--source",
    metavar="OWNER/NAME[@REF]",
    help="HangarStack on GitHub, for CI, at a commit or tag; what it was installed from unless given.",
)
@click.option("--ci/--no-ci", default=True, help="Also write the GitHub workflow and the pre-commit configuration.")
def command(directory: Path, package: str, source: str | None, ci: bool) -> None:
    """Start a contract tree in DIRECTORY, the current one unless given; no file is ever overwritten."""
    source = source or _installed_from()
    found = _SOURCE.fullmatch(source) if source else None
    if source and found is None:
        raise click.BadParameter("must be OWNER/NAME or OWNER/NAME@REF", param_hint="--source")
    repository, ref = (found[1], found[2] or "") if found else ("", "")
    choices = Choices(package=package, repository=repository, ref=ref, ci=ci)
    for path in begin(directory, choices):
        click.echo(f"wrote {from_here(path)}")
    if ci and choices.unset:
        lines = "".join(f"\n  {each}" for each in choices.unset)
        click.echo(f"\nTo be set in contracts.yml and .pre-commit-config.yaml before you push:{lines}")
    there = "" if directory == Path() else f" --root {shlex.quote(str(directory))}"
    click.echo(
        "\nNext:"
        f"\n  hangarstack contracts check{there}"
        f"\n  hangarstack contracts generate{there} --package {package}"
        f"\n  hangarstack migrate plan{there}   # asks the registry of HANGARSTACK_REGISTRY_URL"
    )


def _installed_from() -> str | None:
    """Return repository and commit on GitHub that pip installed this package from (PEP 610), or None."""
    record = json.loads(importlib.metadata.distribution("hangarstack").read_text("direct_url.json") or "{}")
    address = urlsplit(record.get("url", ""))
    if address.hostname != "github.com" or "vcs_info" not in record:
        return None
    return f"{address.path.strip('/')}@{record['vcs_info']['commit_id']}"
