"""Starting a contract tree where there is none: a sample contract, settings of the tools, and what CI runs."""

from __future__ import annotations

from hangarstack.contracts.starting.begin import Choices, begin

__all__ = ["Choices", "begin"]
