"""What can never be read."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Sequence

from hangarstack.contracts.resolution.actions import (
    Action,
    Container,
    Fields,
    ReaderUnion,
    Refuse,
    Skip,
    WriterUnion,
)
from hangarstack.contracts.schema import Union


class Refusals:
    """Which actions can read no value at all, of all that one leads to: each depends on others, maybe in circles.

    Args:
        root: an action, which is kept alive along with all that it leads to.
    """

    def __init__(self, root: Action) -> None:
        self._root = root
        self._why: dict[int, str] = {}
        self._users: dict[int, list[Action]] = defaultdict(list)
        self._branches_left: dict[int, int] = {}
        self._refused: deque[Action] = deque()
        self._collect()
        self._spread()

    def of(self, action: Action) -> str | None:
        """Return why no value can be read by an action that the root leads to; ``None`` when some can."""
        return self._why.get(id(action))

    def _collect(self) -> None:
        seen: set[int] = set()
        todo: list[Action] = [self._root]
        while todo:
            action = todo.pop()
            if id(action) in seen:
                continue
            seen.add(id(action))
            if why := _by_itself(action):
                self._refuse(action, why)
            needed = _needed(action)
            for each in needed:
                self._users[id(each)].append(action)
            self._branches_left[id(action)] = len(needed)
            todo.extend(reversed([action.element] if isinstance(action, Container) else needed))

    def _spread(self) -> None:
        while self._refused:
            action = self._refused.popleft()
            for user in self._users[id(action)]:
                self._branches_left[id(user)] -= 1
                # A record needs every field, and a union of the writer's one branch that can be read.
                if isinstance(user, WriterUnion) and self._branches_left[id(user)]:
                    continue
                if id(user) not in self._why:
                    self._refuse(user, next(self._why[id(each)] for each in _needed(user) if id(each) in self._why))

    def _refuse(self, action: Action, why: str) -> None:
        self._why[id(action)] = why
        self._refused.append(action)


def _by_itself(action: Action) -> str:
    if isinstance(action, Refuse):
        return action.why
    written = action.writer if isinstance(action, Skip | WriterUnion) else None
    return "a union without branches has no value" if isinstance(written, Union) and not written.branches else ""


def _needed(action: Action) -> Sequence[Action]:
    """Return the actions without which it reads nothing; of a union of the writer's one of them is enough."""
    if isinstance(action, Fields):
        return [step for step in action.steps if step is not None]
    if isinstance(action, WriterUnion):
        return action.branches
    return (action.action,) if isinstance(action, ReaderUnion) else ()
