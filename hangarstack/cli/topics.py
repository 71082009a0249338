"""``hangarstack topics``."""

from __future__ import annotations

import dataclasses
import json

import click

from hangarstack.broker.admin import Admin
from hangarstack.broker.specs import TopicSpec, specs_from
from hangarstack.broker.topics import Plan, apply, ensure, plan
from hangarstack.cli.root import with_root
from hangarstack.contracts.tree import load_tree
from hangarstack.errors import CheckFailedError
from hangarstack.settings import Settings

_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group(name="topics")
def command() -> None:
    """Create and configure topics from the contracts; nothing is ever deleted."""


@command.command(name="plan")
@_json
@with_root
def plan_topics(settings: Settings, as_json: bool) -> None:
    """Say what `apply` would do, and change nothing."""
    changes = Plan() if settings.broker == "memory" else plan(Admin(settings), _specs(settings))
    _print(changes, as_json, nothing="The topics are what the contracts say.")


@command.command(name="apply", short_help="Create missing topics and set values that differ.")
@click.option("--grow", is_flag=True, help="Also add partitions: keys move, so order per key breaks once.")
@_json
@with_root
def apply_topics(settings: Settings, grow: bool, as_json: bool) -> None:
    """Create missing topics and set values that differ; running it twice is harmless."""
    changes = ensure(settings, _specs(settings))
    if grow and changes.grow:
        apply(Admin(settings), Plan(grow=changes.grow), grow=True)
    _print(changes, as_json, nothing="The topics are what the contracts say: nothing to do.")
    if changes.grow and not grow:
        raise CheckFailedError(
            f"{', '.join(change.topic for change in changes.grow)}: fewer partitions than the contract says",
            remedy="Run `hangarstack topics apply --grow` when no order of events may be lost by it",
        )


def _specs(settings: Settings) -> tuple[TopicSpec, ...]:
    return specs_from(load_tree(settings.root).contracts, settings)


def _print(changes: Plan, as_json: bool, *, nothing: str) -> None:
    if as_json:
        click.echo(json.dumps(dataclasses.asdict(changes), indent=2))
        return
    for line in changes.lines() or [nothing]:
        click.echo(line)
