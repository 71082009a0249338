from __future__ import annotations

import re

from hangarstack import errors
from hangarstack.errors import HangarStackError


def _subclasses(root: type[HangarStackError]) -> list[type[HangarStackError]]:
    return [found for child in root.__subclasses__() for found in (child, *_subclasses(child))]


def test_the_line_says_where_what_and_what_to_do() -> None:
    error = HangarStackError("it broke", where="a.toml:3", remedy="Mend it")
    assert str(error) == "a.toml:3: it broke. Mend it"
    assert str(HangarStackError("it broke")) == "it broke"


def test_the_tree_in_the_docstring_is_the_tree_in_the_code() -> None:
    drawn = [
        (len(match.group(1)) // 4, match.group(2))
        for match in re.finditer(r"^([│ ├└─]*)(\w+Error)\b", errors.__doc__ or "", re.MULTILINE)
    ]
    parents: dict[int, str] = {}
    tree = {}
    for depth, name in drawn:
        parents[depth] = name
        tree[name] = parents[depth - 1] if depth else "Exception"
    real = {
        cls.__name__: cls.__mro__[1].__name__
        for cls in _subclasses(HangarStackError)
        if cls.__module__ == errors.__name__
    }
    assert tree == {"HangarStackError": "Exception", **real}


def test_exit_codes_are_one_or_two() -> None:
    assert {cls.exit_code for cls in _subclasses(HangarStackError)} == {1, 2}
