from __future__ import annotations

import threading
import time

from hangarstack.doctor.examination import Check, examine
from hangarstack.errors import BrokerUnavailableError
from hangarstack.settings import Settings


def _well(_settings: Settings) -> str:
    return "all is well"


def _ill(_settings: Settings) -> str:
    raise BrokerUnavailableError("no answer", where="host:1", remedy="Start it")


def test_a_check_that_returns_is_fine_and_needs_no_remedy() -> None:
    (finding,) = examine(Settings(), [Check(name="one", run=_well)])
    assert (finding.ok, finding.detail, finding.remedy) == (True, "all is well", "")


def test_a_check_that_raises_says_where_what_and_what_to_do() -> None:
    (finding,) = examine(Settings(), [Check(name="one", run=_ill)])
    assert (finding.ok, finding.detail, finding.remedy) == (False, "host:1: no answer", "Start it")


def test_a_fault_of_the_check_itself_is_a_failure_too() -> None:
    def faulty(_settings: Settings) -> str:
        raise KeyError("oops")

    (finding,) = examine(Settings(), [Check(name="one", run=faulty)])
    assert not finding.ok
    assert "KeyError" in finding.detail
    assert finding.remedy


def test_what_needs_a_failed_check_is_not_tried_and_not_passed() -> None:
    checks = [Check(name="one", run=_ill), Check(name="two", run=_well, needs=("one",)), Check(name="three", run=_well)]
    one, two, three = examine(Settings(), checks)
    assert [one.ok, two.ok, three.ok] == [False, False, True]
    assert two.detail == "not tried, because the one check failed"


def test_a_check_that_hangs_is_given_up_and_the_next_one_runs() -> None:
    release = threading.Event()

    def hanging(_settings: Settings) -> str:
        release.wait(20)
        return "too late"

    began = time.monotonic()
    first, second = examine(Settings(), [Check(name="one", run=hanging), Check(name="two", run=_well)], limit_s=0.1)
    release.set()
    assert time.monotonic() - began < 5
    assert "no result after 0.1 s" in first.detail
    assert not first.ok
    assert second.ok


def test_findings_come_one_by_one_while_others_still_run() -> None:
    ran: list[str] = []

    def noted(_settings: Settings) -> str:
        ran.append("two")
        return ""

    findings = examine(Settings(), [Check(name="one", run=_well), Check(name="two", run=noted)])
    next(findings)
    assert ran == []
    next(findings)
    assert ran == ["two"]
