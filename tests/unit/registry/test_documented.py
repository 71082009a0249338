"""docs/registry.md names every path that the embedded registry answers, and every known difference."""

from __future__ import annotations

import re
from pathlib import Path

from hangarstack.registry.embedded.routing import ROUTES

_PAGE = (Path(__file__).parents[3] / "docs" / "registry.md").read_text(encoding="utf-8")
_NAMES = {
    "subjects": "S",
    "versions": "N",
    "ids": "I",
    "guids": "G",
    "config": "S",
    "mode": "S",
    "contexts": "C",
    "resources": "R",
    "keks": "K",
    "deks": "S",
    "exporters": "E",
}
_SPELLED = {"/associations/resources/*/*": "/associations/resources/NAMESPACE/NAME"}


def _documented(path: str) -> str:
    if path in _SPELLED:
        return _SPELLED[path]
    parts = path.split("/")
    return "/".join(_NAMES[parts[at - 1]] if part == "*" else part for at, part in enumerate(parts))


def test_every_path_and_method_is_in_the_table_of_endpoints() -> None:
    missing = [
        f"{method} {_documented(path)}"
        for path, methods in ROUTES.items()
        for method in methods
        if f"`{method} {_documented(path)}`" not in _PAGE
    ]
    assert not missing


def test_an_address_with_a_query_is_quoted_because_some_shells_take_its_question_mark_for_a_pattern() -> None:
    commands = [line for line in _PAGE.splitlines() if line.startswith("    curl ")]
    assert [line for line in commands if re.search(r"\shttp\S*\?", line)] == []
