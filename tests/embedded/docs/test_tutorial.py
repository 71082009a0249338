from __future__ import annotations

import os
import sys
from pathlib import Path

from tests.support.ports import free_port
from tests.support.tutorial import Reader, blocks

_ROOT = Path(__file__).parents[3]


def test_the_tutorial_works_as_it_stands(tmp_path: Path) -> None:
    environment = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(_ROOT),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "HANGARSTACK_REGISTRY_PORT": str(free_port()),
    }
    folder = tmp_path / "home"
    folder.mkdir()
    found = blocks((_ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8"))
    assert {"platform", "revenue"} <= {block.words.get("terminal") for block in found}
    with Reader(folder, environment) as reader:
        for block in found:
            reader.read(block)
