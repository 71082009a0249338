"""How strictly schemas are read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from hangarstack.contracts.schema.names import NameRule


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What is looked at besides the structure of a schema.

    Args:
        names: which names are allowed.
        defaults: whether a field's default must fit its type.
    """

    names: NameRule = "unicode"
    defaults: bool = True


AVRO: Final = Rules()
"""As Avro Java's ``Schema.Parser`` does unless told otherwise."""

REGISTRY_NEW: Final = Rules(names="ascii")
"""As Confluent's registry treats a schema that is being registered."""

REGISTRY_STORED: Final = Rules(names="any", defaults=False)
"""As Confluent's registry treats a schema that it has: what was once accepted stays readable."""
