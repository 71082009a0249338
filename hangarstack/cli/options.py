"""Options that several commands share."""

from __future__ import annotations

import click

as_json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def report_format(form: str, *, as_json: bool) -> str:
    """Return the format of a report that ``--format`` or ``--json`` asks for.

    Raises:
        click.UsageError: they ask for two.
    """
    if as_json and form not in {"text", "json"}:
        raise click.UsageError(f"--json and --format {form} exclude each other")
    return "json" if as_json else form
