from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path

from tests.support.ports import free_port
from tests.support.tutorial import Reader, blocks

_ROOT = Path(__file__).parents[3]
_TUTORIAL = (_ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")


def test_the_tutorial_works_as_it_stands(tmp_path: Path) -> None:
    environment = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(_ROOT),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "HANGARSTACK_REGISTRY_PORT": str(free_port()),
    }
    folder = tmp_path / "home"
    folder.mkdir()
    found = blocks(_TUTORIAL)
    assert {"platform", "revenue"} <= {block.words.get("terminal") for block in found}
    with Reader(folder, environment) as reader:
        for block in found:
            reader.read(block)


def test_no_field_of_the_tutorial_means_something_else_in_its_next_version() -> None:
    written = re.findall(r"v\d\.avsc <<'END'\n(.*?)^END$", _TUTORIAL, re.MULTILINE | re.DOTALL)
    first, second = ({one["name"]: one["doc"] for one in json.loads(text)["fields"]} for text in written)
    assert {name: second[name] for name in first} == first
