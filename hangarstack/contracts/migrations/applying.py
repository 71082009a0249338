"""Moves a registry to what the steps say."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext

from hangarstack.contracts.compatibility import Level
from hangarstack.contracts.migrations.planning import Plan, Planned, plan
from hangarstack.contracts.migrations.rehearsal import registered_text, stored_schema
from hangarstack.contracts.migrations.steps import Register, SetCompatibility, Step
from hangarstack.contracts.model import Contract, ContractTree
from hangarstack.contracts.registry import Registry
from hangarstack.contracts.schema import to_text
from hangarstack.errors import RegistryError, SchemaMigrationError


def apply(
    tree: ContractTree,
    steps: Sequence[Step],
    registry: Registry,
    *,
    today: datetime.date,
    report: Callable[[Planned], None] = lambda _: None,
    whole: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> Plan:
    """Do what is left to do, in order; doing it twice, or again after a failure in the middle, is harmless.

    A level that is relaxed for one version is put back whatever becomes of that version. Should this process be killed
    meanwhile, the next run puts the level back before all else, even if it can do nothing else: the steps say which
    level each subject has, and so no other state is needed.

    Args:
        tree: the contracts.
        steps: as ``load_steps`` returns them.
        registry: asked and changed; each call blocks.
        today: decides which waivers have ended.
        report: called after each action that was done.
        whole: entered around each action and its report, so that what would end this process can wait until then.

    Returns:
        The plan that was carried out; its pending actions are done now.

    Raises:
        ContractTreeError: the waivers cannot be read.
        SchemaMigrationError: the steps do not lead to what the contracts say, or would break readers, or the registry
            would refuse one of them; nothing is changed then but levels that had been left relaxed.
        SchemaRefusedError: the registry refused what should have been fine; what came before is done.
        RegistryError: the registry does not answer as expected; what came before is done.
    """
    planned = plan(tree, steps, registry, today=today)
    tightening = [each for each in planned.pending if each.tightens]
    for each in tightening:
        with whole():
            _do(tree, each, registry)
            report(each)
    if planned.blocked:
        raise _refusal(planned.blocked[0], tightening)
    for each in planned.pending:
        if not each.tightens:
            with whole():
                _do(tree, each, registry)
                report(each)
    return planned


def _refusal(blocked: Planned, tightened: Sequence[Planned]) -> SchemaMigrationError:
    levels = ", ".join(each.subject for each in tightened)
    but = f" but the level of {levels}, which had been left relaxed" if tightened else ""
    return SchemaMigrationError(
        f"to {blocked.action} as {blocked.subject} is refused: {blocked.reasons[0]}",
        where=str(blocked.step.path),
        remedy="`hangarstack migrate plan` shows all reasons, while the registry runs; `hangarstack registry serve`"
        f" runs the embedded one alone. Nothing was changed{but}",
    )


def _do(tree: ContractTree, planned: Planned, registry: Registry) -> None:
    action = planned.action
    if isinstance(action, SetCompatibility):
        registry.set_compatibility(planned.subject, action.level)
        return
    contract = next(each for each in tree.contracts if each.directory.name == action.contract)
    if not isinstance(action, Register):
        _retire(contract, action.version, registry)
    elif action.relaxed is None or planned.restored is None:
        registry.register(contract.subject, registered_text(contract, action.version))
    else:
        _register_relaxed(contract, action.version, action.relaxed, planned.restored, registry)


def _register_relaxed(contract: Contract, number: int, relaxed: Level, restored: Level, registry: Registry) -> None:
    subject, fate = contract.subject, "is not registered"
    try:
        registry.set_compatibility(subject, relaxed)
        registry.register(subject, registered_text(contract, number))
        fate = "is registered"
        registry.set_compatibility(subject, restored)
    except BaseException as failed:
        # Whatever it was, it may have kept the level from being put back, too.
        try:
            registry.set_compatibility(subject, restored)
        except RegistryError as stuck:
            raise SchemaMigrationError(
                f"v{number} {fate} ({failed}), and the level could not be put back ({stuck})",
                where=subject,
                remedy=f"`hangarstack migrate apply` sets {restored} before all else: run it once the registry answers",
            ) from failed
        raise


def _retire(contract: Contract, number: int, registry: Registry) -> None:
    retired = to_text(contract.versions[number - 1].schema)
    for place, text in registry.versions(contract.subject).items():
        if to_text(stored_schema(text, contract.subject)) == retired:
            registry.delete_version(contract.subject, place)
