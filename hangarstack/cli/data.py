"""``hangarstack data``: validate, import and export aircraft records."""

from __future__ import annotations

import json
from pathlib import Path

import click

from hangarstack.catalogue.importing import export_records, import_records
from hangarstack.catalogue.records import load_records
from hangarstack.settings import Settings
from hangarstack.store.engine import open_store
from hangarstack.store.migrations import migrate


@click.group(name="data")
def command() -> None:
    """Validate, import and export aircraft records."""


@command.command(short_help="Hold the files against their schema.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def validate(settings: Settings, as_json: bool) -> None:
    """Hold every data/aircraft/*.json against data/aircraft.schema.json."""
    records = load_records(settings.root / "data")
    if as_json:
        click.echo(json.dumps({"valid": len(records)}))
    else:
        click.echo(f"{len(records)} aircraft records are valid.")


@command.command(name="import", short_help="Bring the catalogue up to the files.")
@click.pass_obj
def import_(settings: Settings) -> None:
    """Bring the catalogue up to the files; records edited in the catalogue are kept."""
    records = load_records(settings.root / "data")
    migrate(settings, owners=("catalogue",))
    report = import_records(open_store(settings, "catalogue", patient=True), records)
    click.echo(
        f"{report.added} added, {report.renewed} renewed, {report.kept} kept as edited, {report.unchanged} unchanged."
    )


@command.command()
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
@click.pass_obj
def export(settings: Settings, directory: Path) -> None:
    """Write every stored record to DIRECTORY/<id>.json."""
    migrate(settings, owners=("catalogue",))
    count = export_records(open_store(settings, "catalogue"), directory)
    click.echo(f"{count} records written to {directory}.")
