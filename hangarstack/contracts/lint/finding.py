"""What a lint rule is, and what it finds."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from hangarstack.contracts.model import Contract


class Severity(enum.StrEnum):
    """An error fails the lint; a warning is only shown."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A named rule.

    Args:
        name: in kebab case.
        severity: of what it finds.
        why: what goes wrong where it is not kept.
        look: yields place and sentence for each place that does not keep it.
    """

    name: str
    severity: Severity
    why: str
    look: Callable[[Contract], Iterator[tuple[str, str]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One place that does not keep a rule."""

    rule: Rule
    where: str
    sentence: str
