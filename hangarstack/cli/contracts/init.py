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
from hangarstack.contracts.starting import Choices, begin

_SOURCE: Final = re.compile(r"([A-Za-z0-9-]+/[A-Za-z0-9._-]+?)(?:\.git)?(?:@([A-Za-z0-9._/-]+))?")
_UNKNOWN: Final = "OWNER/hangarstack"


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
    help="HangarStack's repository on GitHub, for CI; the one that it was installed from unless given.",
)
@click.option("--ci/--no-ci", default=True, help="Also write the GitHub workflow and the pre-commit configuration.")
def command(directory: Path, package: str, source: str | None, ci: bool) -> None:
    """Start a contract tree in DIRECTORY, the current one unless given; no file is ever overwritten."""
    found = _SOURCE.fullmatch(source or _installed_from() or _UNKNOWN)
    if found is None:
        raise click.BadParameter("must be OWNER/NAME or OWNER/NAME@REF", param_hint="--source")
    repository, ref = found[1], found[2] or "main"
    for path in begin(directory, Choices(package=package, repository=repository, ref=ref, ci=ci)):
        click.echo(f"wrote {path}")
    if ci and repository == _UNKNOWN:
        click.echo(
            "\nNothing says which GitHub repository HangarStack was installed from: put its owner in place of OWNER"
            "\nin contracts.yml and .pre-commit-config.yaml before you push."
        )
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
