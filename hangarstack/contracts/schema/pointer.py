"""Where in a schema's JSON text something is: a JSON pointer, built from the inside when it is needed."""

from __future__ import annotations

from typing import TypeAlias

Path: TypeAlias = "tuple[Path | None, str | int]"
"""The place of the parent (``None`` at the root) and the last step: a key or an index."""


def pointer(path: Path | None) -> str:
    """Return the JSON pointer (RFC 6901) of a path; the empty string is the whole document."""
    tokens: list[str] = []
    while path is not None:
        path, token = path
        tokens.append(str(token).replace("~", "~0").replace("/", "~1"))
    return "".join(f"/{token}" for token in reversed(tokens))
