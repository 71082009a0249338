"""What happens when a part that tests need cannot be had: skipped with the reason, or failed where it is required.

HANGARSTACK_TEST_REQUIRE names the parts, separated by commas, that must be there: ``kafka,registry,postgres``. CI sets
it, so that a missing part never passes for a green run. A name that is no part's ends the run before its first test:
misspelt, it would require nothing.
"""

from __future__ import annotations

import os
from typing import Final, Literal, NoReturn, TypeAlias, get_args

import pytest

VARIABLE: Final = "HANGARSTACK_TEST_REQUIRE"
Part: TypeAlias = Literal["kafka", "registry", "postgres", "browser", "jdk"]


def pytest_configure() -> None:
    """Refuse a misspelt name, whichever tests are run."""
    _required()


def is_required(part: Part) -> bool:
    """Tell whether HANGARSTACK_TEST_REQUIRE names a part.

    Raises:
        pytest.UsageError: it names something that is no part.
    """
    return part in _required()


def missing(part: Part, why: str) -> NoReturn:
    """End the test that asks for a part which is not there.

    Args:
        part: its name in HANGARSTACK_TEST_REQUIRE.
        why: what was tried, and how that failed.
    """
    line = f"{part} is not there: {why}"
    if is_required(part):
        pytest.fail(f"{line} ({VARIABLE} asks for it)", pytrace=False)
    pytest.skip(line)


def _required() -> frozenset[str]:
    parts = get_args(Part)
    named = frozenset(name.strip() for name in os.environ.get(VARIABLE, "").split(",")) - {""}
    unknown = sorted(named.difference(parts))
    if unknown:
        raise pytest.UsageError(f"{VARIABLE} names no part: {', '.join(unknown)}. Parts: {', '.join(parts)}")
    return named
