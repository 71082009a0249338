from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from hangarstack.supervisor.orphans import remember, stop_orphans

_SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]


def test_what_a_killed_platform_left_running_is_stopped(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    with subprocess.Popen(_SLEEP) as child:
        remember(tmp_path, [("popularity", child.pid)])
        assert stop_orphans(tmp_path) == ["popularity"]
        assert child.wait(5) is not None


def test_a_process_that_only_has_the_same_number_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    with subprocess.Popen(_SLEEP) as child:
        remember(tmp_path, [("popularity", child.pid)])
        file = tmp_path / "run" / "children.json"
        entries = json.loads(file.read_text())
        entries[0]["created"] -= 100
        file.write_text(json.dumps(entries))
        assert stop_orphans(tmp_path) == []
        assert child.poll() is None
        child.kill()


@pytest.mark.parametrize(
    "content", [None, '[{"na', "null", "3", '[{"name": "x"}]', '["x"]', '[{"name": 1, "pid": -1, "created": 1}]']
)
def test_no_list_or_one_that_makes_no_sense_means_no_orphans(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "run").mkdir()
        (tmp_path / "run" / "children.json").write_text(content)
    assert stop_orphans(tmp_path) == []
