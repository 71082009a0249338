"""What happens when a part that tests need cannot be had: skipped with the reason, or failed where it is required.

HANGARSTACK_TEST_REQUIRE names the parts, separated by commas, that must be there: ``kafka,registry,postgres``. CI sets
it, so that a missing part never passes for a green run.
"""

from __future__ import annotations

import os
from typing import NoReturn

import pytest

VARIABLE = "HANGARSTACK_TEST_REQUIRE"


def is_required(part: str) -> bool:
    """Tell whether HANGARSTACK_TEST_REQUIRE names a part."""
    return part in {name.strip() for name in os.environ.get(VARIABLE, "").split(",")}


def missing(part: str, why: str) -> NoReturn:
    """End the test that asks for a part which is not there.

    Args:
        part: its name in HANGARSTACK_TEST_REQUIRE.
        why: what was tried, and how that failed.
    """
    line = f"{part} is not there: {why}"
    if is_required(part):
        pytest.fail(f"{line} ({VARIABLE} asks for it)", pytrace=False)
    pytest.skip(line)
