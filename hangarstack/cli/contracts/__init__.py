"""``hangarstack contracts``: work on contracts, offline; a module for each sub-command."""

from __future__ import annotations

from typing import Final

import click

from hangarstack.cli.lazy import LazyGroup

_COMMANDS: Final = {
    "init": "Start a contract tree in any repository.",
    "list": "List the contracts.",
    "show": "Show one contract, its fields and versions.",
    "lock": "Release every new version.",
    "lint": "Hold the contracts against the rules.",
    "check": "Judge every version against those before it.",
    "new-version": "Begin the next version of a contract.",
    "diff": "Say in words what differs between two versions.",
    "impact": "Say whom a change breaks, and the order to deploy it in.",
    "docs": "Write pages about the contracts, to browse.",
    "generate": "Write the typed classes and codecs of the events.",
}


@click.group(name="contracts", cls=LazyGroup, package=__name__, helps=_COMMANDS)
def command() -> None:
    """Work on contracts; nothing here needs a registry or a network unless it is asked to."""
