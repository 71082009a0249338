"""Where a server for tests is: the one that a variable names, else the first that can be started.

A server that is named and cannot be used fails the tests: on another one they would pass for what was not asked. What
is said of it never holds its URL, in which a password may be.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import NoReturn, TypeAlias

import pytest

from tests.support.requirements import Part, missing


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server is; may hold a password."""

    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Absent:
    """Why there is no server."""

    why: str


Start: TypeAlias = Callable[[ExitStack], Address | Absent]


def first_of(part: Part, starts: Sequence[Start], stack: ExitStack) -> str:
    """Return the first address that there is; skips the test, or fails, where there is none.

    Args:
        part: what it is, in HANGARSTACK_TEST_REQUIRE.
        starts: the ways to have one, the best first.
        stack: ends what they start.
    """
    reasons = []
    for start in starts:
        found = start(stack)
        if isinstance(found, Address):
            return found.text
        reasons.append(found.why)
    return missing(part, "; ".join(reasons))


def unusable(variable: str, why: object) -> NoReturn:
    """Fail because of a server that a variable names.

    Args:
        variable: its name.
        why: what is wrong, without the URL.
    """
    pytest.fail(f"{variable} names a server that cannot be used: {why}", pytrace=False)
