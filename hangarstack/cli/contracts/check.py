"""``hangarstack contracts check``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from hangarstack.cli.contracts.declared import declarations
from hangarstack.cli.contracts.uncollected import uncollected
from hangarstack.cli.options import as_json_option, report_format
from hangarstack.cli.root import with_root
from hangarstack.contracts.against.baseline import Baseline
from hangarstack.contracts.against.lock import read_locked
from hangarstack.contracts.gate import check
from hangarstack.contracts.model import ContractTree
from hangarstack.contracts.plaintext import plain
from hangarstack.contracts.releasing import waiting
from hangarstack.contracts.report import FORMATS, Report, renderer, unrun
from hangarstack.contracts.report.merging import merged
from hangarstack.contracts.tree import load_tree
from hangarstack.contracts.waivers import utc_today
from hangarstack.errors import CheckFailedError, ContractTreeError, HangarStackError
from hangarstack.settings import Settings

_AGAINST = "git:REF | dir:PATH | registry"


@click.command(name="check")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option(
    "--against",
    "sources",
    multiple=True,
    metavar=_AGAINST,
    help="What was released, besides contracts.lock; may be given more than once.",
)
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True, help="Of the report.")
@as_json_option
@with_root
def command(settings: Settings, names: tuple[str, ...], sources: tuple[str, ...], form: str, as_json: bool) -> None:
    """Judge every version against those before it, and against what was released.

    NAME is an event, directory, topic or subject; all contracts are checked unless some are named. Exit 1 when
    something breaks readers, 2 when that cannot be said: no such ref, an unreachable registry, an unreadable schema, no
    lock.
    """
    form = report_format(form, as_json=as_json)
    try:
        report = _report(settings, names, sources)
    except HangarStackError as error:
        # Who reads only the report must not take silence for a pass.
        click.echo(unrun(form, plain(str(error))), nl=False)
        raise
    click.echo(renderer(form)(report, Path.cwd()), nl=False)
    if report.problems:
        count = len(merged(report.problems))
        raise CheckFailedError(f"{count} problem{'s' * (count > 1)} found", remedy="Mend the contracts as said above")


def _report(settings: Settings, names: tuple[str, ...], sources: tuple[str, ...]) -> Report:
    with uncollected():
        tree = load_tree(settings.root, history=True)
        only = {_named(tree, name) for name in names} or None
        baselines = [_baseline(source, tree, settings) for source in sources]
        baselines.append(read_locked(tree))
        early = [each for each in waiting(tree) if only is None or each.contract in only]
        report = check(tree, baselines, today=utc_today(), only=only, declarations=declarations)
        return replace(report, problems=(*report.problems, *early))


def _named(tree: ContractTree, name: str) -> str:
    contract = tree.find(name)
    if contract is None:
        known = ", ".join(each.name for each in tree.contracts)
        raise ContractTreeError(f"there is no contract {name}", where=str(tree.root), remedy=f"There are {known}")
    return contract.name


def _baseline(source: str, tree: ContractTree, settings: Settings) -> Baseline:
    # What reads each kind is imported here: a check that is only of the tree is to be done before anyone waits.
    kind, _, rest = source.partition(":")
    known = {version.text.encode(): version.fingerprint for contract in tree.contracts for version in contract.versions}
    if kind == "git" and rest:
        from hangarstack.contracts.against.git import read_git

        return read_git(settings.root, rest, known=known)
    if kind == "dir" and rest:
        from hangarstack.contracts.against.directory import read_directory

        return read_directory(Path(rest), known=known)
    if source != "registry":
        raise click.BadParameter(f"{source!r} is not {_AGAINST}", param_hint="--against")
    from hangarstack.contracts.against.registry import read_registry
    from hangarstack.registry.client import RegistryAdmin

    return read_registry(tree, RegistryAdmin(settings))
