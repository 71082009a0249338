"""``hangarstack registry``."""

from __future__ import annotations

import click

from hangarstack.settings import Settings


@click.group(name="registry")
def command() -> None:
    """The embedded schema registry."""


@command.command(name="serve")
@click.pass_obj
def serve_command(settings: Settings) -> None:
    """Serve the embedded registry until Ctrl-C or SIGTERM.

    Where: HANGARSTACK_REGISTRY_HOST and HANGARSTACK_REGISTRY_PORT. Its schemas are in HANGARSTACK_HOME/registry.
    It asks for HANGARSTACK_REGISTRY_USERNAME and _PASSWORD when they are set.
    """
    from hangarstack.cli.logged import logged
    from hangarstack.registry.embedded.server import serve

    with logged(settings, "registry"):
        serve(settings, ready=lambda url: click.echo(f"The registry is at {url}; Ctrl-C ends it."))
