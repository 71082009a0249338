"""The package that generated code is, as an option names it."""

from __future__ import annotations

import keyword
import sys
from pathlib import Path

import click

from hangarstack.cli.root import root_option


def package_name(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    """Check that Python can import the name, and that it hides no module of the standard library; for an option.

    Raises:
        click.BadParameter: it cannot, or it does.
    """
    if value is None:
        return None
    parts = value.split(".")
    for part in parts:
        if not part.isidentifier() or keyword.iskeyword(part):
            raise click.BadParameter(f"must be a dotted Python name, and {part!r} cannot be a part of one")
    if parts[0] in sys.stdlib_module_names:
        raise click.BadParameter(f"{parts[0]!r} is a module of Python's own, which the package would hide")
    return value


def generate_line(root: Path, package: str) -> str:
    """Return the command line that generates the code of a root into a package."""
    return f"hangarstack contracts generate{root_option(root)} --package {package}"
