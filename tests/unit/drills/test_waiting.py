from __future__ import annotations

import ast
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path

import pytest

import drills
from drills.spools import drain_rate
from drills.traffic import Traffic
from drills.waiting import Work, wait_for_process, wait_until
from tests.unit.drills.stages import nowhere

_UNBOUNDED = ("join", "wait", "communicate")


class EndlessSpool:
    """Events that no broker ever acknowledges."""

    events = 5
    share = None
    refused = 0
    spooled = 5

    def __init__(self) -> None:
        self.accepted = Counter({"a": 5})


def assert_set(event: threading.Event, within_s: float = 60) -> None:
    assert event.wait(within_s), "never set"


def test_a_condition_that_never_comes_true_ends_the_wait_with_what_it_was() -> None:
    with pytest.raises(AssertionError, match=r"not in 0\.1 s: the sky is green"):
        wait_until(lambda: False, "the sky is green", 0.1)


def test_a_thread_that_never_ends_ends_the_wait_with_what_it_was() -> None:
    end = threading.Event()
    work = Work(lambda: assert_set(end), "visits")
    work.start()
    with pytest.raises(AssertionError, match=r"not in 0\.1 s: the visits end"):
        work.wait("the visits end", 0.1)
    end.set()
    work.wait("the visits end", 10)


def test_a_thread_that_fails_ends_the_wait_with_its_error() -> None:
    work = Work(lambda: assert_set(threading.Event(), within_s=0), "visits")
    work.start()
    with pytest.raises(AssertionError, match="never set"):
        work.wait("the visits end", 10)


def test_a_process_that_never_ends_ends_the_wait_with_what_it_was() -> None:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as process:
        with pytest.raises(AssertionError, match=r"not in 0\.1 s: a member has ended"):
            wait_for_process(process, "a member has ended", 0.1)
        process.kill()
        assert wait_for_process(process, "it is killed", 10) == -9


def test_a_spool_that_never_drains_ends_its_drill() -> None:
    with pytest.raises(AssertionError, match=r"not in 0\.1 s: the spool is empty"):
        drain_rate(EndlessSpool(), within_s=0.1)


def test_traffic_that_never_ends_ends_its_drill(tmp_path: Path) -> None:
    end = threading.Event()

    def hang(_number: int) -> None:
        end.wait()

    with Traffic(nowhere(tmp_path), events=1, per_second=1_000, each=hang) as traffic:
        with pytest.raises(AssertionError, match=r"not in 0\.105 s: 1 events are published"):
            traffic.join(spare_s=0.1)
        end.set()


@pytest.mark.parametrize("module", sorted(Path(drills.__file__).parent.glob("*.py")), ids=lambda file: file.stem)
def test_no_drill_waits_for_a_thread_or_a_process_without_a_bound(module: Path) -> None:
    calls = [node for node in ast.walk(ast.parse(module.read_text())) if isinstance(node, ast.Call)]
    waits = [call for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr in _UNBOUNDED]
    # Traffic and Publisher have bounds of their own.
    unbounded = [ast.unparse(call) for call in waits if not call.args and not call.keywords]
    assert set(unbounded) <= {"traffic.join()", "flowing.join()"}
