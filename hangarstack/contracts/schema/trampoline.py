"""Recursion that does not use the interpreter's stack.

A schema may nest a thousand levels, more than Python's own recursion allows. A recursive function is therefore
written as a generator: it yields the call that it would make, and is sent the answer.
"""

from __future__ import annotations

from collections.abc import Generator
from types import GeneratorType
from typing import Any, TypeAlias, TypeVar

T = TypeVar("T")
Step: TypeAlias = Generator[Any, Any, T]
"""A recursive function in suspense: yields steps (or plain answers), returns a ``T``."""


def run(first: Step[T]) -> T:
    """Run a step and all the steps that it asks for.

    Args:
        first: the outermost call.

    Returns:
        What the outermost call returns. Whatever any call raises is raised.
    """
    stack: list[Step[Any]] = [first]
    answer: Any = None
    while True:
        try:
            asked = stack[-1].send(answer)
        except StopIteration as done:
            stack.pop()
            answer = done.value
            if not stack:
                result: T = answer
                return result
            continue
        if type(asked) is GeneratorType:
            stack.append(asked)
            answer = None
        else:
            answer = asked
