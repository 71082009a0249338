"""``hangarstack dlq``: repair dead letters; a module for each sub-command."""

from __future__ import annotations

from typing import Final

import click

from hangarstack.cli.lazy import LazyGroup

_COMMANDS: Final = {
    "list": "List the letters that wait.",
    "show": "Show one letter: the decoded record beside the error and the schemas.",
    "replay": "Publish letters again to the topics they came from.",
    "drop": "Let letters be: nobody waits for them any more.",
    "audit": "Say who replayed and dropped what.",
}


@click.group(name="dlq", cls=LazyGroup, package=__name__, helps=_COMMANDS)
def command() -> None:
    """Repair dead letters: records that a service could not handle, kept in <topic>.dlq with why."""
