"""``hangarstack migrate``: move a registry to what ``migrations/schemas/`` says."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import click
from rich.console import Console

from hangarstack.cli.contracts.choosing import contract_of
from hangarstack.cli.root import with_root
from hangarstack.cli.terminal import from_here, shown
from hangarstack.contracts.migrations.applying import apply as apply_steps
from hangarstack.contracts.migrations.drafting import missing_actions, write_step
from hangarstack.contracts.migrations.planning import Plan, Planned, State
from hangarstack.contracts.migrations.planning import plan as plan_steps
from hangarstack.contracts.migrations.steps import Action, Retire, check_steps, load_steps
from hangarstack.contracts.migrations.unwaived import unwaived, waivers_of
from hangarstack.contracts.model import ContractTree, Upcaster
from hangarstack.contracts.plaintext import plain
from hangarstack.contracts.registry import Registry
from hangarstack.contracts.releasing import verify_releasable, verify_released
from hangarstack.contracts.tree import load_tree
from hangarstack.contracts.waivers import read_waivers, utc_today
from hangarstack.errors import CheckFailedError, HangarStackError
from hangarstack.registry.client import RegistryAdmin
from hangarstack.settings import Settings
from hangarstack.supervisor.interrupts import StoppedBySignal, interrupted_by_signals

_MARKS = {State.DONE: "[green]done   [/]", State.PENDING: "[yellow]to do  [/]", State.BLOCKED: "[red]refused[/]"}

_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group(name="migrate")
def command() -> None:
    """Move a schema registry to what migrations/schemas/ says; the registry is the only state."""


@command.command(short_help="Say what `apply` would do, in order.")
@_json
@with_root
def plan(settings: Settings, as_json: bool) -> None:
    """Say what `apply` would do, in order; exit 1 when some of it would break readers or be refused."""
    tree, steps = load_tree(settings.root), load_steps(settings.root)
    verify_released(tree)
    found = plan_steps(tree, steps, RegistryAdmin(settings), today=utc_today())
    waiting = tuple(each for each in found.actions if each.state is not State.DONE)
    _print(waiting, as_json, nothing="The registry holds what the migrations say.")
    _fail_if_blocked(found)


@command.command(short_help="Do what is left to do.")
@_json
@with_root
def apply(settings: Settings, as_json: bool) -> None:
    """Do what is left to do; running it twice, or again after it was killed, is harmless.

    A level that is relaxed for one version is put back at once, whatever becomes of that version; one that a killed
    run left relaxed is put back before all else. Ctrl-C, SIGTERM and SIGHUP let the action under way be finished; a
    second one does not, but the level is put back then, too. The exit code is 128 and the signal's number.
    """
    done: list[Planned] = []
    tree, steps = load_tree(settings.root), load_steps(settings.root)
    verify_released(tree)
    registry = RegistryAdmin(settings)
    with interrupted_by_signals() as interrupts:
        try:
            apply_steps(tree, steps, registry, today=utc_today(), report=done.append, whole=interrupts.held)
        except StoppedBySignal:
            # After SIGHUP there may be no terminal left.
            with contextlib.suppress(OSError):
                _print(tuple(done), as_json, nothing="Nothing was done.", state=State.DONE)
            raise
    _print(tuple(done), as_json, nothing="The registry holds what the migrations say: nothing to do.", state=State.DONE)


@command.command()
@_json
@with_root
def status(settings: Settings, as_json: bool) -> None:
    """Show where every step stands, and what each subject holds."""
    tree, steps = load_tree(settings.root), load_steps(settings.root)
    registry = RegistryAdmin(settings)
    found = plan_steps(tree, steps, registry, today=utc_today())
    subjects = _subjects(tree, registry)
    if as_json:
        actions = [_planned(each, each.state) for each in found.actions]
        lifted = [_lifted(each) for contract in tree.contracts for each in contract.upcasters]
        click.echo(json.dumps({"actions": actions, "subjects": subjects, "upcasters": lifted}, indent=2))
        return
    _print(found.actions, False, nothing="There are no steps.")
    for subject in subjects:
        versions = ", ".join(map(str, subject["versions"])) or "none"
        click.echo(f"{subject['subject']}: versions {versions}; level {subject['level'] or 'not set'}")
    for contract in tree.contracts:
        for upcaster in contract.upcasters:
            click.echo(f"{contract.subject}: records up to v{upcaster.last} are lifted by {upcaster.function}")


@command.command(short_help="Write the next step.")
@click.argument("description")
@click.option(
    "--retire",
    nargs=2,
    type=(str, click.IntRange(1)),
    multiple=True,
    metavar="CONTRACT VERSION",
    help="Delete a version softly, too; a newer one must be registered before.",
)
@click.option(
    "--upcaster",
    "upcasters",
    nargs=3,
    type=(str, click.IntRange(1), str),
    multiple=True,
    metavar="CONTRACT FROM FUNCTION",
    help="Name the function, package.module:name, that lifts records up to version FROM, which the next cannot read.",
)
@with_root
def new(
    settings: Settings,
    description: str,
    retire: tuple[tuple[str, int], ...],
    upcasters: tuple[tuple[str, int, str], ...],
) -> None:
    """Write the next step: it registers the versions, and sets the levels, that no step does yet.

    DESCRIPTION says why, in one sentence; the file is named after it. A version that breaks readers is registered
    under a level that is relaxed for it alone; a waiver must say why. The first versions of a tree, and several
    versions of one contract at once, must be released before (`contracts lock`).
    """
    if not description.strip() or plain(description) != description:
        raise click.BadParameter("must be one line of text", param_hint="DESCRIPTION")
    tree, steps = load_tree(settings.root), load_steps(settings.root)
    actions: list[Action] = list(missing_actions(tree, steps))
    actions += [Retire(contract=contract_of(tree, name).directory.name, version=version) for name, version in retire]
    if not actions and not upcasters:
        click.echo("The steps lead to what the contracts say already: nothing is to be done.")
        return
    path = write_step(settings.root, steps, description.strip(), actions, upcasters)
    try:
        written = load_steps(settings.root)
        check_steps(tree := load_tree(settings.root), written)
        verify_releasable(tree, written)
    except HangarStackError:
        path.unlink()
        raise
    click.echo(f"wrote {from_here(path)}")
    for each in (*actions, *written[-1].upcasters):
        click.echo(f"  {plain(str(each))}")
    _tell_how_to_waive(tree, actions)


def _tell_how_to_waive(tree: ContractTree, actions: list[Action]) -> None:
    file = tree.waivers_path
    found = unwaived(tree, actions, read_waivers(file))
    for contract in tree.contracts:
        breaks = [problem for problem in found if problem.contract == contract.name]
        if not breaks:
            continue
        told = f"{contract.name} breaks readers, and `migrate apply` refuses that until a waiver permits it:"
        click.echo(f"\n{plain(told)}")
        for sentence in dict.fromkeys(problem.sentence for problem in breaks):
            click.echo(f"  {plain(sentence)}")
        click.echo(f"If it is wanted, say why in {from_here(file)}; else mend the schema:\n")
        click.echo(waivers_of(contract, breaks, today=utc_today()))


def _subjects(tree: ContractTree, registry: Registry) -> list[dict[str, Any]]:
    return [
        {
            "subject": contract.subject,
            "versions": list(registry.versions(contract.subject)),
            "level": registry.compatibility(contract.subject),
        }
        for contract in tree.contracts
    ]


def _lifted(upcaster: Upcaster) -> dict[str, Any]:
    return {"contract": upcaster.contract, "from": upcaster.last, "function": upcaster.function}


def _fail_if_blocked(found: Plan) -> None:
    if found.blocked:
        raise CheckFailedError(
            f"{len(found.blocked)} of {len(found.actions)} actions would be refused",
            remedy="Mend the schema, or what the registry holds; a break that is wanted needs a waiver",
        )


def _print(planned: tuple[Planned, ...], as_json: bool, *, nothing: str, state: State | None = None) -> None:
    if as_json:
        click.echo(json.dumps([_planned(each, state or each.state) for each in planned], indent=2))
        return
    console = Console(highlight=False)
    for each in planned:
        line = f"{_MARKS[state or each.state]} {shown(each.step.name)}: {shown(str(each.action))}"
        back = f", then back to {each.restored}" if each.restored else ""
        console.print(f"{line}{back} [dim]{shown(each.subject)}[/]", soft_wrap=True)
        for reason in each.reasons:
            console.print(f"        {shown(reason)}", soft_wrap=True)
    if not planned:
        console.print(nothing)


def _planned(each: Planned, state: State) -> dict[str, Any]:
    return {
        "step": each.step.name,
        "action": str(each.action),
        "subject": each.subject,
        "state": state,
        "reasons": each.reasons,
        "restored": each.restored,
    }
