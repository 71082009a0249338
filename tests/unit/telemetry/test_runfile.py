from __future__ import annotations

import json
import os
from pathlib import Path

from structlog.testing import capture_logs

from hangarstack.telemetry.runfile import announced, run_file
from tests.unit.producers.samples import files_no_larger_than


def test_a_process_says_where_it_answers_for_as_long_as_it_runs(tmp_path: Path) -> None:
    with announced(tmp_path, "web", 8080) as file:
        assert file == run_file(tmp_path, "web", os.getpid())
        assert json.loads(file.read_text()) == {"pid": os.getpid(), "port": 8080}
    assert list(file.parent.iterdir()) == []


def test_what_a_killed_process_left_is_removed(tmp_path: Path) -> None:
    with announced(tmp_path, "web", 8080) as file:
        left = [run_file(tmp_path, "web", pid) for pid in (4_194_305, os.getppid())]
        for each in left:
            each.write_text("{}")
        with announced(tmp_path, "web", 8081):
            assert sorted(file.parent.iterdir()) == sorted([file, left[1]])


def test_a_disk_that_takes_no_file_does_not_keep_a_process_from_its_work(tmp_path: Path) -> None:
    with files_no_larger_than(0), capture_logs() as lines, announced(tmp_path, "web", 8080) as file:
        assert list(file.parent.iterdir()) == []
    assert [line["event"] for line in lines] == ["where this process answers cannot be noted"]
