from __future__ import annotations

import math

import pytest

from hangarstack.consumers.runtime.letter import dead_letter
from hangarstack.consumers.runtime.replayed_letters import ReplayedLetters
from hangarstack.consumers.runtime.standing import Place, Standing, read_standing
from hangarstack.errors import RebuildError
from tests.support.consumer_fakes import FakeRecord
from tests.support.consumers import GARBAGE, UNASKED_SCHEMA, Thing, ThingDecoder
from tests.unit.deadletters.fakes import DLQ, QUARANTINE, TOPIC, FakeSource, letter

GROUP = "hangarstack.counting"


def died(*places: Place) -> ReplayedLetters:
    letters = ReplayedLetters()
    for place in places:
        record = FakeRecord(
            topic_=place.topic,
            partition_=place.partition,
            offset_=place.offset,
            value_=b"",
            timestamp_ms=place.timestamp_ms,
        )
        dead = dead_letter(record, ValueError("indigestible"), attempts=1, first_seen=0.0)
        letters.send([dead], lambda _letter: None)
    return letters


def place(offset: int, *, at: int = 1000) -> Place:
    return Place(TOPIC, 0, offset, at)


def stand(*places: Place, lost_until_ms: float = math.inf) -> Standing:
    return Standing(places=set(places), lost_until_ms={DLQ: lost_until_ms})


def test_what_died_before_may_die_again() -> None:
    died(place(0), place(1)).refuse_new(stand(place(0), place(1), place(2)), {TOPIC: 3}, service="counting")


def test_another_record_must_not_die_in_the_place_of_one_that_lives_by_now() -> None:
    with pytest.raises(RebuildError, match=r"at least 1 events .* things\[0\]@7: ValueError: indigestible"):
        died(place(0), place(7)).refuse_new(stand(place(0), place(1)), {TOPIC: 2}, service="counting")


def test_a_record_of_an_earlier_topic_of_that_name_excuses_none_at_its_offset() -> None:
    with pytest.raises(RebuildError, match="at least 1 events"):
        died(place(0)).refuse_new(stand(place(0, at=999)), {TOPIC: 1}, service="counting")


@pytest.mark.parametrize(("written", "refused"), [(2, False), (1, True)])
def test_as_many_are_excused_as_letters_are_gone(written: int, refused: bool) -> None:
    letters = died(place(0), place(1))
    if not refused:
        letters.refuse_new(stand(), {TOPIC: written}, service="counting")
        return
    with pytest.raises(RebuildError, match="at least 1 events"):
        letters.refuse_new(stand(), {TOPIC: written}, service="counting")


def test_a_letter_that_is_gone_excuses_no_record_that_was_written_after_one_that_is_kept() -> None:
    letters = died(place(0, at=400), place(1, at=600))
    with pytest.raises(RebuildError, match=r"at least 1 events .*things\[0\]@1"):
        letters.refuse_new(stand(lost_until_ms=500), {TOPIC: 2}, service="counting")


def source() -> FakeSource:
    known = FakeSource()
    thing = Thing(name="a").encode()
    known.add(
        letter(0, value=thing, partition=b"2", offset=b"70", timestamp_ms=b"5"),
        letter(1, value=GARBAGE, partition=b"2", offset=b"70", timestamp_ms=b"5"),
        letter(2, group=b"another", value=thing),
    )
    other = Thing(name="b").encode()
    known.add(letter(0, topic=QUARANTINE, value=other, at_ms=1, partition=b"2", offset=b"71", timestamp_ms=b"5"))
    return known


def test_standing_letters_tell_the_events_and_the_places_of_their_group_quarantined_ones_too() -> None:
    found = read_standing(source(), ThingDecoder(), [TOPIC], GROUP)
    assert len(found.event_ids) == 2
    assert found.places == {Place(TOPIC, 2, 70, 5), Place(TOPIC, 2, 71, 5)}
    assert found.lost_until_ms[DLQ] == math.inf


@pytest.mark.parametrize("forged", [b"9" * 5000, b"-1", b"", "²".encode()])
def test_letters_that_do_not_say_where_their_record_was_stand_for_none_and_are_told_of(
    forged: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    known = source()
    known.add(*(letter(offset, partition=b"2", offset=forged, timestamp_ms=b"5") for offset in (3, 4)))
    found = read_standing(known, ThingDecoder(), [TOPIC], GROUP)
    assert found.places == {Place(TOPIC, 2, 70, 5), Place(TOPIC, 2, 71, 5)}
    told = [record for record in caplog.records if "where their records were" in record.message]
    assert [(vars(record)["topic"], vars(record)["letters"]) for record in told] == [(DLQ, 2)]


def test_letters_of_records_younger_than_the_oldest_that_is_kept_cannot_have_been_deleted() -> None:
    known = source()
    known.letters[DLQ].pop(0)
    known.first[DLQ] = 1
    assert read_standing(known, ThingDecoder(), [TOPIC], GROUP).lost_until_ms[DLQ] == 1001


def test_a_registry_that_is_gone_is_not_taken_for_letters_that_cannot_be_decoded() -> None:
    known = source()
    known.add(letter(3, value=UNASKED_SCHEMA))
    with pytest.raises(Exception, match="no answer"):
        read_standing(known, ThingDecoder(), [TOPIC], GROUP)
