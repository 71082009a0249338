"""Moves a registry to what the steps say."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hangarstack.contracts.migrations.planning import Plan, Planned, plan, registered_text, stored_schema
from hangarstack.contracts.migrations.steps import Register, SetCompatibility, Step
from hangarstack.contracts.model import ContractTree
from hangarstack.contracts.registry import Registry
from hangarstack.contracts.schema import to_text
from hangarstack.errors import SchemaMigrationError


def apply(
    tree: ContractTree,
    steps: Sequence[Step],
    registry: Registry,
    *,
    report: Callable[[Planned], None] = lambda _: None,
) -> Plan:
    """Do what is left to do, in order; doing it twice, or again after a failure in the middle, is harmless.

    Args:
        tree: the contracts.
        steps: as ``load_steps`` returns them.
        registry: asked and changed; each call blocks.
        report: called after each action that was done.

    Returns:
        The plan that was carried out; its pending actions are done now.

    Raises:
        SchemaMigrationError: the steps do not lead to what the contracts say, or the registry would refuse one of
            them; nothing is changed then.
        SchemaRefusedError: the registry refused what should have been fine; what came before is done.
        RegistryError: the registry does not answer as expected; what came before is done.
    """
    planned = plan(tree, steps, registry)
    if planned.blocked:
        first = planned.blocked[0]
        raise SchemaMigrationError(
            f"the registry would refuse to {first.action} as {first.subject}: {first.reasons[0]}",
            where=str(first.step.path),
            remedy="`hangarstack migrate plan` shows all reasons; nothing was changed",
        )
    for each in planned.pending:
        _do(tree, each, registry)
        report(each)
    return planned


def _do(tree: ContractTree, planned: Planned, registry: Registry) -> None:
    action = planned.action
    if isinstance(action, SetCompatibility):
        registry.set_compatibility(planned.subject, action.level)
        return
    contract = next(each for each in tree.contracts if each.directory.name == action.contract)
    if isinstance(action, Register):
        registry.register(planned.subject, registered_text(contract, action.version))
        return
    retired = to_text(contract.versions[action.version - 1].schema)
    for number, text in registry.versions(planned.subject).items():
        if to_text(stored_schema(text, planned.subject)) == retired:
            registry.delete_version(planned.subject, number)
