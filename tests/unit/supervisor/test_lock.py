from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from hangarstack.errors import AlreadyRunningError, PlatformError
from hangarstack.supervisor.lock import StateLock


def test_a_second_platform_on_one_state_directory_is_refused_and_names_the_first(tmp_path: Path) -> None:
    lock = StateLock(tmp_path)
    with pytest.raises(AlreadyRunningError, match=f"process {os.getpid()}"):
        StateLock(tmp_path)
    lock.close()
    StateLock(tmp_path).close()


def test_the_lock_of_a_killed_platform_is_no_obstacle(tmp_path: Path) -> None:
    code = (
        "import sys,time,pathlib; from hangarstack.supervisor.lock import StateLock;"
        "lock = StateLock(pathlib.Path(sys.argv[1])); print('held', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(AlreadyRunningError):
            StateLock(tmp_path)
        holder.kill()
    StateLock(tmp_path).close()


def test_a_state_directory_that_cannot_be_made_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(PlatformError, match="HANGARSTACK_HOME"):
        StateLock(tmp_path / "file" / "home")


def test_a_disk_without_room_for_the_lock_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "up.lock").symlink_to("/dev/full")
    with pytest.raises(PlatformError, match="a disk with room"):
        StateLock(tmp_path)
