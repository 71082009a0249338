from __future__ import annotations

import pytest

from hangarstack.contracts.runtime_verdict.leaves import leaf_count, leaf_values
from hangarstack.contracts.schema import Enum, Fixed, Logical, Primitive

LEAVES = [
    Primitive(type="long"),
    Primitive(type="bytes", logical=Logical(name="decimal", precision=4)),
    Enum(name="E", symbols=("A", "B", "C")),
    Fixed(name="F", size=3),
    Fixed(name="F", size=3, logical=Logical(name="decimal", precision=4)),
]


@pytest.mark.parametrize("schema", LEAVES)
def test_as_many_values_are_counted_as_there_are(schema: Primitive | Enum | Fixed) -> None:
    assert leaf_count(schema) == len(leaf_values(schema)) == len(set(leaf_values(schema)))
