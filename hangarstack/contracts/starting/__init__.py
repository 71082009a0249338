"""Starting a contract tree where there is none: a sample contract, settings of the tools, and what CI runs."""

from __future__ import annotations

from hangarstack.contracts.starting.begin import begin
from hangarstack.contracts.starting.choices import Choices

__all__ = ["Choices", "begin"]
