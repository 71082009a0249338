from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from drills.members import Member, running


class Ready(Member):
    """A member that is ready at once, and does nothing until it is ended."""

    def __init__(self, log: Path) -> None:
        self.log = log
        self.process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])

    def wait_ready(self) -> None:
        """It is."""


@pytest.fixture
def make(tmp_path: Path) -> Callable[[], Ready]:
    log = tmp_path / "log"
    log.write_text("no such schema")
    return lambda: Ready(log)


def ended(member: Member) -> None:
    """Let a member end as it would by itself."""
    member.process.kill()
    member.process.wait(10)


def test_a_drill_fails_when_one_of_its_members_has_ended_by_itself(make: Callable[[], Ready]) -> None:
    with pytest.raises(AssertionError, match="a member ended: no such schema"), running(make(), make()) as members:
        ended(members[1])
    assert members[0].process.returncode is not None


def test_a_drill_fails_when_a_member_that_it_kills_has_ended_by_itself(make: Callable[[], Ready]) -> None:
    with running(make()) as members:
        ended(members[0])
        with pytest.raises(AssertionError, match="a member ended: no such schema"):
            members.pop().kill()


def test_a_drill_may_end_members_that_it_replaces(make: Callable[[], Ready]) -> None:
    with running(make(), make()) as members:
        members[0].kill()
        members[0] = make()
        members.pop().kill()
    assert members[0].process.returncode is not None


def test_a_failure_of_the_drill_itself_is_told_whoever_has_ended(make: Callable[[], Ready]) -> None:
    def drill() -> None:
        with running(make()) as members:
            ended(members[0])
            raise AssertionError("not settled")

    with pytest.raises(AssertionError, match="not settled"):
        drill()
