"""What can never be read."""

from __future__ import annotations

from hangarstack.contracts.resolution.actions import Action, Fields, ReaderUnion, Refuse, Skip, WriterUnion
from hangarstack.contracts.schema import Union


def refusal(action: Action | None) -> str | None:
    """Return why no value at all can be read by an action, or ``None`` when some can."""
    return _refusal(action, set())


def _refusal(action: Action | None, seen: set[int]) -> str | None:
    if isinstance(action, Refuse):
        return action.why
    if isinstance(action, ReaderUnion):
        return _refusal(action.action, seen)
    if isinstance(action, WriterUnion):
        reasons = [_refusal(branch, seen) for branch in action.branches]
        if all(reason is not None for reason in reasons):
            return reasons[0] if reasons else "a union without branches has no value"
    elif isinstance(action, Skip) and isinstance(action.writer, Union) and not action.writer.branches:
        return "a union without branches has no value"
    elif isinstance(action, Fields) and id(action) not in seen:
        seen.add(id(action))
        return next((reason for step in action.steps if (reason := _refusal(step, seen)) is not None), None)
    return None
