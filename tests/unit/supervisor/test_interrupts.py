from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest

from hangarstack.supervisor.interrupts import Interrupts, StoppedBySignal, interrupted_by_signals
from hangarstack.supervisor.stop import handled


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    yield
    assert before == {number: signal.getsignal(number) for number in before}


def _run(whole: tuple[int, ...], then: tuple[int, ...], done: list[str]) -> None:
    """Send signals to this process, some while something is done whole."""
    with interrupted_by_signals() as interrupts:
        with interrupts.held():
            for number in whole:
                os.kill(os.getpid(), number)
            done.append("all of it")
        for number in then:
            os.kill(os.getpid(), number)
        done.append("more")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_what_runs(number: signal.Signals) -> None:
    done: list[str] = []
    with pytest.raises(StoppedBySignal) as stopped:
        _run((), (number,), done)
    assert (stopped.value.name, stopped.value.exit_code) == (number.name, 128 + number)
    assert done == ["all of it"]


def test_a_first_signal_waits_for_the_end_of_what_is_done_whole() -> None:
    done: list[str] = []
    with pytest.raises(StoppedBySignal):
        _run((signal.SIGTERM,), (), done)
    assert done == ["all of it"]


def test_a_second_signal_does_not_wait() -> None:
    done: list[str] = []
    with pytest.raises(StoppedBySignal, match=str(int(signal.SIGHUP))):
        _run((signal.SIGTERM, signal.SIGHUP), (), done)
    assert done == []


def test_what_is_done_whole_and_fails_says_why_rather_than_that_it_was_stopped() -> None:
    interrupts = Interrupts()
    with pytest.raises(ValueError, match="why"), interrupts.held():
        raise _failing(interrupts)


def _failing(interrupts: Interrupts) -> ValueError:
    interrupts.arrive(signal.SIGTERM)
    return ValueError("why")


def test_a_hangup_that_nohup_has_ignored_stays_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    seen: list[int] = []
    try:
        with handled(seen.append):
            os.kill(os.getpid(), signal.SIGHUP)
            os.kill(os.getpid(), signal.SIGTERM)
    finally:
        signal.signal(signal.SIGHUP, before)
    assert seen == [signal.SIGTERM]
