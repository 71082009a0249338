from __future__ import annotations

from collections.abc import Iterator

import pytest

from hangarstack.deadletters.lease import LASTS_S
from hangarstack.deadletters.ledger import Fate
from hangarstack.deadletters.letter import Letter, LetterId
from hangarstack.deadletters.ports import LetterLog
from hangarstack.deadletters.repairing import Repairer
from hangarstack.errors import BrokerError, BrokerRefusedError, BrokerUnavailableError, RepairBusyError
from tests.unit.deadletters.fakes import DLQ, QUARANTINE, TOPIC, Bench, FakeOutlet, letter


def test_a_letter_is_published_as_it_was_and_tells_of_its_replay(bench: Bench) -> None:
    bench.source.add(letter(0, attempts=b"4", first_seen=b"then", error_stack=b"long", partition=b"3", offset=b"70"))
    report = bench.repairer.replay(bench.order())
    (sent,) = bench.outlet.published
    assert (sent.topic, sent.key, sent.value) == (TOPIC, b"key", b"value")
    assert dict(sent.headers) == {
        "ce_id": b"1",
        "traceparent": b"00-a",
        "dlq_attempts": b"4",
        "dlq_first_seen": b"then",
        "dlq_replay_count": b"1",
        "dlq_replay_group": b"hangarstack.counting",
        "dlq_replayed_by": b"ada",
        "dlq_replayed_at": b"2027-01-15T08:00:00.000+00:00",
    }
    assert report.count(Fate.REPLAYED) == 1
    assert bench.waiting == []
    assert bench.source.positions == {(DLQ, 0): 1}
    assert bench.last_repair == {"kind": "replay", "matched": 1, "failed": 0, "replayed": 1}


def test_the_headers_of_an_earlier_replay_are_not_piled_up(bench: Bench) -> None:
    bench.source.add(letter(0, replay_count=b"1", replayed_by=b"bob", replay_group=b"other", replayed_at=b"then"))
    bench.repairer.replay(bench.order())
    names = [name for name, _ in bench.outlet.published[0].headers]
    assert len(names) == len(set(names))
    assert dict(bench.outlet.published[0].headers)["dlq_replay_count"] == b"2"


def test_a_letter_that_says_of_no_service_is_replayed_for_all(bench: Bench) -> None:
    bench.source.add(letter(0, group=b""))
    bench.repairer.replay(bench.order())
    assert "dlq_replay_group" not in dict(bench.outlet.published[0].headers)


@pytest.mark.parametrize("kind", ["replay", "drop"])
def test_a_dry_run_changes_nothing_but_the_audit(bench: Bench, kind: str) -> None:
    bench.source.add(letter(0), letter(1, replay_count=b"3"))
    report = getattr(bench.repairer, kind)(bench.order(dry_run=True))
    expected = [Fate.REPLAYED, Fate.QUARANTINED] if kind == "replay" else [Fate.DROPPED] * 2
    assert list(report.fates.values()) == expected
    assert bench.outlet.published == []
    assert bench.waiting == [0, 1]
    assert bench.source.positions == {}
    assert bench.ledger.repairs(1)[0].dry_run
    assert bench.ledger.repairs(1)[0].matched == 2


def test_no_more_letters_are_replayed_than_asked_for(bench: Bench) -> None:
    bench.source.add(*(letter(offset) for offset in range(450)))
    report = bench.repairer.replay(bench.order(most=250))
    assert (len(report.fates), report.more, len(bench.outlet.published)) == (250, True, 250)
    assert bench.waiting == list(range(250, 350))
    assert bench.source.positions == {(DLQ, 0): 250}
    assert bench.repairer.replay(bench.order(most=200)).more is False


def test_what_comes_back_during_a_replay_waits_for_the_next(bench: Bench) -> None:
    bench.source.add(letter(0))
    bench.outlet.meanwhile = lambda: bench.source.add(letter(1, replay_count=b"1"))
    report = bench.repairer.replay(bench.order())
    assert list(report.fates) == [LetterId(DLQ, 0, 0)]
    assert bench.waiting == [1]


def bob_drops_all(bench: Bench) -> None:
    """Ada sleeps past her lease, and bob drops all letters."""
    bench.outlet.meanwhile = bench.source.meanwhile = lambda: None
    bench.now += 2 * LASTS_S
    with bench.lease_of("bob") as lease:
        Repairer(bench.source, FakeOutlet(), bench.ledger, lease, replays=3).drop(bench.order())


def test_a_replay_that_slept_past_its_lease_publishes_nothing_that_was_dropped_meanwhile(bench: Bench) -> None:
    bench.source.add(letter(0))
    bench.source.meanwhile = lambda: bob_drops_all(bench)
    with pytest.raises(RepairBusyError, match="slept for too long"):
        bench.repairer.replay(bench.order())
    assert bench.outlet.published == []


def test_a_replay_that_slept_while_it_published_stops_and_leaves_the_fates_that_others_have_noted(bench: Bench) -> None:
    bench.source.add(*(letter(offset) for offset in range(250)))
    bench.outlet.meanwhile = lambda: bob_drops_all(bench)
    with pytest.raises(RepairBusyError, match="slept for too long"):
        bench.repairer.replay(bench.order())
    assert len(bench.outlet.published) == 200
    handled = bench.browse(limit=1000, handled=True).letters
    assert {listed.fate for listed in handled} == {Fate.DROPPED}
    assert {repair.kind: repair.matched for repair in bench.ledger.repairs(2)} == {"drop": 250, "replay": 200}


def test_what_was_replayed_too_often_goes_into_quarantine_as_it_is(bench: Bench) -> None:
    often = letter(0, replay_count=b"3", error_stack=b"why")
    bench.source.add(often, letter(1, replay_count=b"2"))
    report = bench.repairer.replay(bench.order())
    assert list(report.fates.values()) == [Fate.QUARANTINED, Fate.REPLAYED]
    first = bench.outlet.published[0]
    assert (first.topic, first.headers, first.value) == (QUARANTINE, often.headers, often.value)


def test_what_is_replayed_from_quarantine_starts_anew(bench: Bench) -> None:
    bench.source.add(letter(0, topic=QUARANTINE, replay_count=b"3"))
    report = bench.repairer.replay(bench.order(quarantine=True))
    assert report.count(Fate.REPLAYED) == 1
    assert bench.outlet.published[0].topic == TOPIC
    assert dict(bench.outlet.published[0].headers)["dlq_replay_count"] == b"1"


def test_killed_after_publishing_the_letters_are_published_again(bench: Bench) -> None:
    bench.source.add(letter(0))
    bench.outlet.dies = True
    with pytest.raises(KeyboardInterrupt):
        bench.repairer.replay(bench.order())
    assert bench.waiting == [0]
    assert bench.source.positions == {}
    bench.outlet.dies = False
    bench.repairer.replay(bench.order())
    assert len(bench.outlet.published) == 2
    assert bench.waiting == []


def test_a_letter_that_is_refused_waits_and_the_others_go(bench: Bench) -> None:
    bench.outlet.refuses = {b"large": BrokerError("too large")}
    bench.source.add(letter(0), letter(1, value=b"large"), letter(2))
    report = bench.repairer.replay(bench.order())
    assert report.failures == {LetterId(DLQ, 0, 1): "too large"}
    assert bench.waiting == [1]
    assert bench.source.positions == {(DLQ, 0): 1}
    assert bench.last_repair == {"kind": "replay", "matched": 3, "failed": 1, "replayed": 2, "error": "too large"}


@pytest.mark.parametrize("outage", [BrokerUnavailableError("away"), BrokerRefusedError("not allowed")])
def test_an_outage_ends_the_replay_and_what_was_acknowledged_is_noted(bench: Bench, outage: BrokerError) -> None:
    bench.outlet.refuses = {b"late": outage}
    bench.source.add(*(letter(offset, value=b"late" if offset == 1 else b"value") for offset in range(300)))
    with pytest.raises(type(outage)):
        bench.repairer.replay(bench.order())
    assert len(bench.outlet.published) == 199
    assert bench.waiting[:2] == [1, 200]
    assert bench.last_repair["error"] == outage.what


def test_a_dropped_letter_waits_no_more_and_the_position_goes_past_handled_letters_only(bench: Bench) -> None:
    bench.source.add(*(letter(offset) for offset in range(4)))
    for offset in (1, 2):
        bench.repairer.drop(bench.order(letters=(LetterId(DLQ, 0, offset),)))
    assert bench.waiting == [0, 3]
    assert bench.source.positions == {}
    bench.repairer.drop(bench.order(letters=(LetterId(DLQ, 0, 0),)))
    assert bench.source.positions == {(DLQ, 0): 3}
    assert bench.outlet.published == []


def test_a_letter_that_was_handled_is_not_handled_again(bench: Bench) -> None:
    bench.source.add(letter(0), letter(1))
    one = (LetterId(DLQ, 0, 1),)
    bench.repairer.drop(bench.order(letters=one))
    assert bench.repairer.replay(bench.order(letters=one)).fates == {}
    assert bench.outlet.published == []


def test_the_fates_of_letters_that_kafka_has_deleted_are_forgotten(bench: Bench) -> None:
    bench.source.add(letter(0), letter(1), letter(2))
    bench.repairer.drop(bench.order(letters=(LetterId(DLQ, 0, 1),)))
    bench.source.first[DLQ] = 2
    bench.repairer.drop(bench.order())
    log = bench.source.logs([DLQ])[0]
    assert bench.ledger.fates(log.key, 0).keys() == {2}


def test_a_repair_that_looks_long_for_its_letters_keeps_others_out_meanwhile(bench: Bench) -> None:
    bench.source.add(*(letter(offset) for offset in range(4)), letter(4, error_class=b"KeyError"))
    read = bench.source.read

    def slowly(log: LetterLog, start: int) -> Iterator[Letter | None]:
        for each in read(log, start):
            yield each
            bench.now += 0.6 * LASTS_S
            with pytest.raises(RepairBusyError, match="ada"):
                bench.lease_of("bob").__enter__()

    bench.source.read = slowly  # type: ignore[method-assign]  # this test's own slowness
    report = bench.repairer.replay(bench.order(error="keyerror"))
    assert report.count(Fate.REPLAYED) == 1


def test_a_step_of_a_replay_holds_a_few_large_letters(bench: Bench) -> None:
    bench.source.add(*(letter(offset, value=b"a" * 3_000_000) for offset in range(4)))
    steps: list[int] = []
    bench.outlet.meanwhile = lambda: steps.append(len(bench.outlet.published))
    assert bench.repairer.replay(bench.order()).count(Fate.REPLAYED) == 4
    assert steps == [3, 4]


def test_the_audit_keeps_what_was_selected_by_whom(bench: Bench) -> None:
    bench.repairer.drop(bench.order(service="counting", error="digest", since_ms=5))
    assert bench.selection_kept() == {"topics": [DLQ], "service": "counting", "error": "digest", "since_ms": 5}
    kept = bench.ledger.repairs(1)[0]
    assert (kept.actor.name, kept.actor.via, kept.ended) == ("ada", "cli", kept.begun)


@pytest.mark.parametrize("dry_run", [True, False])
def test_a_letter_without_its_record_is_not_replayed_and_says_where_the_record_is(bench: Bench, dry_run: bool) -> None:
    bench.source.add(letter(0), letter(1, value=None, left_out_bytes=b"9", partition=b"2", offset=b"70"), letter(2))
    report = bench.repairer.replay(bench.order(dry_run=dry_run))
    assert list(report.fates) == [LetterId(DLQ, 0, 0), LetterId(DLQ, 0, 2)]
    assert list(report.failures) == [LetterId(DLQ, 0, 1)]
    assert "things[2]@70" in report.failures[LetterId(DLQ, 0, 1)]
    assert [sent.value for sent in bench.outlet.published] == ([] if dry_run else [b"value", b"value"])
    assert bench.waiting == ([0, 1, 2] if dry_run else [1])


def test_a_letter_without_its_record_can_be_dropped(bench: Bench) -> None:
    bench.source.add(letter(0, value=None, left_out_bytes=b"9"))
    assert bench.repairer.drop(bench.order()).count(Fate.DROPPED) == 1
    assert bench.waiting == []


def test_letters_without_their_record_do_not_keep_others_from_their_turn(bench: Bench) -> None:
    bench.source.add(*(letter(offset, value=None, left_out_bytes=b"9") for offset in range(250)), letter(250))
    report = bench.repairer.replay(bench.order(most=200))
    assert report.count(Fate.REPLAYED) == 1
    assert len(report.failures) == 250
