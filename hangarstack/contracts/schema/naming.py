"""The name and the aliases of a named type, as it gives them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from hangarstack.contracts.schema import attributes
from hangarstack.contracts.schema.attributes import Refuse
from hangarstack.contracts.schema.excerpt import excerpt
from hangarstack.contracts.schema.names import PRIMITIVES, full_name, invalid_part, is_name, namespace
from hangarstack.contracts.schema.rules import Rules

REMEDY: Final = "A name is letters, digits and underscores, and begins with no digit"


def name(value: Mapping[str, object], space: str | None, rules: Rules, refuse: Refuse) -> str:
    """Return the full name of a type.

    Args:
        value: the type.
        space: the namespace around it.
        rules: which names are allowed.
        refuse: makes the error.
    """
    short = attributes.text(value, "name")
    if short is None:
        raise refuse(f"the {value['type']} has no name", 'Add "name"')
    written = attributes.text(value, "namespace")
    full = full_name(short, space if written is None else written)
    bad = invalid_part(full, rules.names)
    if bad is not None:
        raise refuse(f"{excerpt(bad)} in the name {excerpt(full)} is no name", REMEDY)
    if full in PRIMITIVES:
        raise refuse(f"a type is named after the primitive {full}", "Name it otherwise")
    return full


def aliases(
    value: Mapping[str, object], full: str, rules: Rules, refuse: Refuse
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the full names of a type's aliases, and those that are written short.

    A short one takes the namespace of the type itself.

    Args:
        value: the type.
        full: its full name.
        rules: which names are allowed.
        refuse: makes the error.
    """
    written = attributes.aliases(value, refuse)
    for alias in written:
        # Only the last part is looked at: the namespace of an alias may be anything.
        if not is_name(alias.rpartition(".")[2], rules.names):
            raise refuse(f"the alias {excerpt(alias)} is no name", REMEDY)
    space = namespace(full)
    full_names = tuple(dict.fromkeys(full_name(alias, space) for alias in written))
    return full_names, tuple(alias for alias in written if "." not in alias)
