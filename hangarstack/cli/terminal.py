"""Text of others within a line for Rich."""

from __future__ import annotations

from rich.markup import escape

from hangarstack.contracts.plaintext import plain


def shown(text: str) -> str:
    """Return a text that is neither markup nor control characters, whatever it says."""
    return escape(plain(text))
