from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Final

from tests.support.ports import free_port
from tests.support.tutorial import Reader, blocks

_ROOT: Final = Path(__file__).parents[3]


def test_the_page_about_a_change_of_an_event_works_as_it_stands(tmp_path: Path) -> None:
    checkout = tmp_path / "checkout"
    for name in ("hangarstack", "contracts", "migrations"):
        shutil.copytree(_ROOT / name, checkout / name, ignore=shutil.ignore_patterns("__pycache__"))
    (checkout / ".venv").symlink_to(Path(sys.prefix))
    environment = {"PYTHONPATH": str(checkout), "HANGARSTACK_REGISTRY_PORT": str(free_port())}
    found = blocks((_ROOT / "docs" / "contracts.md").read_text(encoding="utf-8"))
    assert "SEARCH_QUERY.decode" in found[-1].text
    with Reader(checkout, environment) as reader:
        for block in found:
            reader.read(block)
    assert "spoken: bool" in (checkout / "hangarstack" / "events" / "search_query.py").read_text(encoding="utf-8")
