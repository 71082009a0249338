"""A group of commands, each in a module of its own that is imported only when the command is called."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

import click


class LazyGroup(click.Group):
    """A group whose sub-commands are modules of a package; each module has its command as ``command``.

    Args:
        package: dotted name of the package.
        helps: name of each sub-command to what the group's help says of it; ``new-thing`` is module ``new_thing``.
        attributes: what ``click.Group`` takes.
    """

    def __init__(self, *, package: str, helps: Mapping[str, str], **attributes: Any) -> None:
        super().__init__(**attributes)
        self._package = package
        self._helps = helps

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - the signature is click's
        """Return the names, in the order of the help."""
        return list(self._helps)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - the signature is click's
        """Return a sub-command, importing its module; ``None`` when there is none of that name."""
        if cmd_name not in self._helps:
            return None
        module = importlib.import_module(f"{self._package}.{cmd_name.replace('-', '_')}")
        found: click.Command = module.command
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - the signature is click's
        """Write the sub-commands without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl(list(self._helps.items()))
