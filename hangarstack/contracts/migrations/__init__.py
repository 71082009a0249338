"""Ordered schema migrations: what a registry must hold, and how it gets there."""

from hangarstack.contracts.migrations.applying import apply
from hangarstack.contracts.migrations.drafting import missing_actions, write_step
from hangarstack.contracts.migrations.planning import Plan, Planned, State, plan
from hangarstack.contracts.migrations.steps import (
    Action,
    Register,
    Retire,
    SetCompatibility,
    Step,
    check_steps,
    load_steps,
)
from hangarstack.contracts.migrations.unwaived import unwaived, waivers_of

__all__ = [
    "Action",
    "Plan",
    "Planned",
    "Register",
    "Retire",
    "SetCompatibility",
    "State",
    "Step",
    "apply",
    "check_steps",
    "load_steps",
    "missing_actions",
    "plan",
    "unwaived",
    "waivers_of",
    "write_step",
]
