"""``hangarstack settings``."""

from __future__ import annotations

import json
from dataclasses import replace

import click

from hangarstack.registry.address import without_credentials
from hangarstack.settings import PREFIX, Secret, Settings, documentation


@click.command(name="settings")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def command(settings: Settings, as_json: bool) -> None:
    """Print the effective settings, secrets hidden, with what each one does."""
    settings = replace(settings, registry_url=without_credentials(settings.registry_url))
    rows = [
        (variable, getattr(settings, variable.removeprefix(PREFIX).lower()), doc) for variable, doc in documentation()
    ]
    if as_json:
        plain = {name: value if isinstance(value, int | float) else str(value) for name, value, _ in rows}
        click.echo(json.dumps(plain, indent=2))
        return
    for name, value, doc in rows:
        shown = str(value) if not isinstance(value, Secret) or value else "(not set)"
        click.echo(f"{click.style(name, bold=True)} = {shown}\n    {doc}")
