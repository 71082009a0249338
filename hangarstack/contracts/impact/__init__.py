"""Whom a proposed change touches, how, and in which order to deploy it."""

from hangarstack.contracts.declared import Declared
from hangarstack.contracts.impact.change import Change, change
from hangarstack.contracts.impact.effects import STOPPING, Effect
from hangarstack.contracts.impact.order import deploy_order
from hangarstack.contracts.impact.reading import Reading, lifted_or_read_by, read_by
from hangarstack.contracts.impact.touching import Touched, touched

__all__ = [
    "STOPPING",
    "Change",
    "Declared",
    "Effect",
    "Reading",
    "Touched",
    "change",
    "deploy_order",
    "lifted_or_read_by",
    "read_by",
    "touched",
]
