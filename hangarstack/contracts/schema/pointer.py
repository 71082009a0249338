"""Where in a schema's JSON text something is: a JSON pointer, built from the inside when it is needed."""

from __future__ import annotations

from collections.abc import Mapping
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


def existing(path: str, document: object) -> str:
    """Return as much of a JSON pointer as leads to something in a document."""
    node, kept = document, ""
    for token in path.split("/")[1:]:
        key = token.replace("~1", "/").replace("~0", "~")
        if isinstance(node, Mapping) and key in node:
            node = node[key]
        elif isinstance(node, list) and key.isdecimal() and int(key) < len(node):
            node = node[int(key)]
        else:
            break
        kept += f"/{token}"
    return kept
