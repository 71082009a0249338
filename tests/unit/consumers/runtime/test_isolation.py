from __future__ import annotations

import math
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from hangarstack.settings import Settings
from tests.support.consumer_fakes import TOPIC, Bench, Log
from tests.support.consumers import POISON, Thing
from tests.unit.consumers.runtime.conftest import Member

RECORDS = 40


def slow_to_fail(bench: Bench, seconds: float) -> None:
    """Let the service take so long before it fails on poison, on the bench's clock."""

    def take_time() -> None:
        if POISON in bench.service.batches[-1]:
            bench.clock.now += seconds

    bench.service.during = take_time


def test_a_service_that_is_slow_to_fail_ends_with_one_letter_and_all_else_counted(bench: Bench) -> None:
    slow_to_fail(bench, 2.2)
    for number in range(41):
        bench.log.append(Thing(name=POISON if number == 0 else "good"))
    bench.pass_time(75)
    assert bench.counts == {"good": 40}
    assert [letter.offset for letter in bench.letters.kept] == [0]
    assert bench.totals == (40, 1)
    assert sum(POISON in batch for batch in bench.service.batches) <= 3 + math.ceil(math.log2(41))


def test_the_member_polls_between_two_tries_that_are_slow_to_fail(bench: Bench) -> None:
    slow_to_fail(bench, 10)
    for number in range(200):
        bench.log.append(Thing(name=POISON if number == 150 else "good"))
    longest, until = 0.0, bench.clock.now + 400
    while bench.clock.now < until:
        started = bench.clock.now
        bench.steps()
        longest = max(longest, bench.clock.now - started)
    # One try, and the poll.
    assert longest < 11
    assert bench.totals == (199, 1)


def test_other_partitions_go_on_while_one_is_searched(member: Member) -> None:
    bench = member()
    bench.source.assign(0, 1, 2)
    slow_to_fail(bench, 10)
    for _ in range(100):
        for partition in (0, 1, 2):
            bench.log.append(Thing(name=POISON if partition == 0 else "good"), partition=partition)
    bench.pass_time(75)
    assert bench.counts == {"good": 200}


def test_a_slow_search_in_one_partition_does_not_keep_another_ones_waiting(member: Member) -> None:
    bench = member(dead_letter_limit=1000)
    bench.source.assign(0, 1)
    slow_to_fail(bench, 10)
    for _ in range(200):
        bench.log.append(Thing(name=POISON), partition=0)
    for number in range(8):
        bench.log.append(Thing(name=POISON if number == 5 else "good"), partition=1)
    bench.pass_time(300)
    assert bench.counts == {"good": 7}


def test_what_is_deleted_from_the_log_is_not_searched_on(bench: Bench) -> None:
    slow_to_fail(bench, 10)
    for number in range(20):
        bench.log.append(Thing(name=POISON if number == 3 else "good"))
    bench.pass_time(45)
    assert bench.handled < 3
    bench.log.delete_before(20)
    bench.log.append(Thing(name="after"))
    bench.pass_time(30)
    assert bench.counts["after"] == 1
    assert bench.letters.kept == []


def test_a_topic_that_was_made_anew_is_not_searched_for_what_failed_before(bench: Bench) -> None:
    slow_to_fail(bench, 10)
    for number in range(20):
        bench.log.append(Thing(name=POISON if number == 3 else "good"))
    bench.pass_time(45)
    bench.log.make_anew()
    for _ in range(20):
        bench.log.append(Thing(name="anew"))
    bench.pass_time(120)
    assert bench.counts["anew"] == 20
    assert [len(batch) for batch in bench.service.batches if "anew" in batch] == [16, 4]


def test_a_record_behind_those_that_failed_has_all_its_attempts(bench: Bench) -> None:
    bench.log.append(Thing(name=POISON))
    bench.pass_time(10)
    bench.service.failures = 2
    bench.log.append(Thing(name="after"))
    bench.pass_time(10)
    assert bench.counts == {"after": 1}
    assert [letter.offset for letter in bench.letters.kept] == [0]


@settings(max_examples=25, deadline=None)
@given(
    poison=st.sets(st.tuples(st.integers(0, 1), st.integers(0, RECORDS - 1))),
    seconds=st.floats(0, 10),
)
def test_any_poison_in_any_time_ends_as_letters_and_all_else_is_counted_once(
    poison: set[tuple[int, int]], seconds: float
) -> None:
    with tempfile.TemporaryDirectory() as home:
        bench = Bench(Settings(home=Path(home), dead_letter_limit=10_000), Log())
        try:
            bench.source.assign(0, 1)
            for offset in range(RECORDS):
                for partition in range(2):
                    name = POISON if (partition, offset) in poison else "good"
                    bench.log.append(Thing(name=name), partition=partition)
            tries = bench.service.batches

            def take_time() -> None:
                bench.clock.now += seconds

            bench.service.during = take_time
            most = 2 * (3 + math.ceil(math.log2(RECORDS))) + 4 * RECORDS
            while bench.handled < 2 * RECORDS and len(tries) <= most:
                bench.steps()
            assert bench.totals == (2 * RECORDS - len(poison), len(poison))
            found = [(letter.partition, letter.offset) for letter in bench.letters.kept]
            assert sorted(found) == sorted(poison)
            assert bench.counts == ({"good": 2 * RECORDS - len(poison)} if len(poison) < 2 * RECORDS else {})
            assert all((TOPIC, partition) in bench.runtime._assignment.owned for partition in range(2))
        finally:
            bench.close()
