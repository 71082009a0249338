"""The choice among a writer's union branches."""

from __future__ import annotations

from typing import Final

from hangarstack.codegen.leaves import runtime
from hangarstack.codegen.namespace import Namespace
from hangarstack.codegen.source import Source

_READ_INT: Final = runtime("reading", "read_int")
_UNKNOWN_BRANCH: Final = runtime("reading", "unknown_branch")

_ONE_BYTE: Final = 64
"""Branches whose index takes one byte, which is compared as it is: the index twice."""


def branch_chain(source: Source, names: Namespace, bodies: list[Source]) -> None:
    """Add the statements that read a branch's index, then do what belongs to it.

    Args:
        source: to add to.
        names: of the module.
        bodies: for each branch of the writer what to do; branches that do the same share it.
    """
    scale = 2 if len(bodies) <= _ONE_BYTE else 1
    if scale == 2:
        source.line("branch = body[pos]")
        source.line("pos += 1")
    else:
        source.line(f"branch, pos = {names.use(_READ_INT)}(body, pos)")
    indexes: dict[str, list[int]] = {}
    for index, body in enumerate(bodies):
        indexes.setdefault(body.text(), []).append(index * scale)
    word = "if"
    for index, body in enumerate(bodies):
        shared = indexes[body.text()]
        if shared[0] != index * scale:
            continue
        with source.block(f"{word} {_among(shared)}:"):
            source.take(body)
            if not body.lines:
                source.line("pass")
        word = "elif"
    with source.block("else:"):
        source.line(f"raise {names.use(_UNKNOWN_BRANCH)}(branch, {len(bodies)})")


def _among(values: list[int]) -> str:
    if len(values) == 1:
        return f"branch == {values[0]}"
    return f"branch in ({', '.join(map(str, values))})"
