"""The checks of a tree of somebody else's events: what can be told without writing one of them."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from hangarstack.broker.admin import Admin
from hangarstack.broker.specs import dead_letter_topic
from hangarstack.contracts.lock import unreleased
from hangarstack.contracts.migrations.rehearsal import registered_text
from hangarstack.contracts.model import Contract, ContractTree
from hangarstack.doctor.checks import CHECKS
from hangarstack.doctor.connection import check_connection
from hangarstack.doctor.delivery import require_topics
from hangarstack.doctor.examination import Check
from hangarstack.doctor.membership import check_consumer
from hangarstack.doctor.report import CODEC
from hangarstack.errors import SchemaNotFoundError
from hangarstack.registry.address import registry_url, without_credentials
from hangarstack.registry.client import RegistryAdmin
from hangarstack.settings import Settings

_ANSWER_S = 5.0
_NO_EVENT = "not tried: it would write an event, and which of this tree's may be written its owner alone knows"


def checks_of(tree: ContractTree, option: str) -> tuple[Check, ...]:
    """Return the checks of a tree; the doctor's own event is written only where the tree has its contract.

    Args:
        tree: whose topics and schemas are looked for.
        option: what a command line needs to find the tree, with a blank before it, or nothing.
    """
    if tree.find(CODEC.topic) is not None:
        return CHECKS
    first = tree.contracts[0].topic
    return (
        Check(name="connection", run=check_connection),
        Check(name="topics", run=partial(_check_topics, tree, option), needs=("connection",)),
        Check(name="consumer", run=partial(check_consumer, topic=first), needs=("connection", "topics")),
        Check(name="registry", run=partial(_check_registry, tree, option)),
        Check(name="end to end", run=None, left_out=_NO_EVENT),
    )


def _check_topics(tree: ContractTree, option: str, settings: Settings) -> str:
    topics = [name for each in tree.contracts for name in (each.topic, dead_letter_topic(each.topic))]
    if settings.broker == "memory":
        return "the memory broker makes topics when they are first used"
    require_topics(Admin(settings, timeout_s=_ANSWER_S), topics, option)
    return f"{len(topics)} topics are there"


def _check_registry(tree: ContractTree, option: str, settings: Settings) -> str:
    registry, where = RegistryAdmin(settings), without_credentials(registry_url(settings))
    waiting = {version.path for version in unreleased(tree)}
    newest = [(each, number) for each in tree.contracts if (number := _released(each, waiting))]
    missing = [
        contract.subject
        for contract, number in newest
        if registry.lookup(contract.subject, registered_text(contract, number)) is None
    ]
    if missing:
        raise SchemaNotFoundError(
            f"the newest released schema is not registered for {', '.join(missing)}",
            where=where,
            remedy=f"Run `hangarstack migrate plan{option}`, then `hangarstack migrate apply{option}`; "
            f'`hangarstack migrate new "WHY"{option}` writes a step where none registers it',
        )
    count = len(newest)
    return f"{count} of {count} newest released schemas are registered at {where}"


def _released(contract: Contract, waiting: set[Path]) -> int:
    numbers = [version.number for version in contract.versions if version.path not in waiting]
    return max(numbers, default=0)
