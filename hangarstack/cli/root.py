"""``--root``: work on a contract tree that is not the one of the settings."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import replace
from functools import update_wrapper
from pathlib import Path
from typing import Any

import click

from hangarstack.settings import Settings

_option = click.option(
    "--root",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Directory that holds contracts/ and migrations/; unless given HANGARSTACK_ROOT, or the nearest from here up.",
)


def root_option(root: Path) -> str:
    """Return what a command line needs to find that root from here: an option with a space before it, or nothing."""
    return "" if Settings().root.resolve() == root.resolve() else f" --root {shlex.quote(str(root))}"


def with_root(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the option ``--root``; its first argument is the settings, with that root if it was given."""

    def wrapper(settings: Settings, /, *args: Any, root: Path | None, **kwargs: Any) -> None:
        command(settings if root is None else replace(settings, root=root), *args, **kwargs)

    passed = click.pass_obj(wrapper)
    # Click reads the function's help text, and the options that stand below.
    update_wrapper(passed, command)
    return _option(passed)
