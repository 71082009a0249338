"""What the repair of dead letters does on any broker; subclassed once for each kind of broker."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine

from hangarstack.deadletters.desk import DROP, REPLAY, Desk
from hangarstack.deadletters.kafka_source import KafkaLetterSource
from hangarstack.deadletters.ledger import Actor, Fate
from hangarstack.deadletters.repairing import Order, Report
from hangarstack.deadletters.selection import Selection
from hangarstack.settings import Settings
from hangarstack.store.engine import open_store
from hangarstack.store.migrations import migrate
from tests.support.consumer_runs import Feed, Running, group_name, wait_until
from tests.support.consumers import (
    GARBAGE,
    POISON,
    UNKNOWN_SCHEMA,
    CountingService,
    Thing,
    ThingDecoder,
    counts,
    handled,
    open_counts,
    totals,
)

ME = Actor(name="me", via="cli")


class DeadLetterSuite:
    """Subclasses give ``settings`` and ``topic``, a fresh topic with its dead letters and its quarantine."""

    @pytest.fixture
    def engine(self, settings: Settings) -> Iterator[Engine]:
        engine = open_counts(settings)
        yield engine
        engine.dispose()

    @pytest.fixture
    def desk(self, settings: Settings) -> Iterator[Desk]:
        migrate(settings, ["dead_letters"])
        store = open_store(settings, "dead_letters")
        yield Desk(replace(settings, dead_letter_replays=2), store)
        store.dispose()

    def test_what_a_release_could_not_handle_is_counted_once_after_the_next_one_and_a_replay(
        self, settings: Settings, topic: str, engine: Engine, desk: Desk, tmp_path: Path
    ) -> None:
        mending, fine = CountingService(topic, name=group_name()), CountingService(topic, name=group_name())
        fine.digests_poison = True
        theirs = open_counts(replace(settings, home=tmp_path / "theirs"))
        decoder = ThingDecoder()
        other = Running(settings, fine, ThingDecoder(), theirs)
        everything = Selection(topics=(topic,))
        of_one = replace(everything, service=mending.name)

        def repair(kind: str, chosen: Selection, *, dry_run: bool = False, most: int = 100) -> Report:
            return desk.carry_out(kind, Order(selection=chosen, actor=ME, most=most, dry_run=dry_run))

        def waiting() -> int:
            return sum(desk.browse(everything, limit=10, handled=False, within_s=10).waiting.values())

        Feed(settings).send(topic, *(Thing(name="good").encode() for _ in range(20)))
        Feed(settings).send(topic, Thing(name=POISON).encode(), GARBAGE, UNKNOWN_SCHEMA)
        with Running(settings, mending, decoder, engine), other:
            wait_until(lambda: totals(engine) == (20, 3), "three cannot be handled")
            wait_until(lambda: totals(theirs) == (21, 2), "the other service can handle one of them")
            assert waiting() == 5
            found = desk.browse(of_one, limit=2, handled=False, within_s=10)
            assert [listed.letter.service for listed in found.letters] == [mending.name] * 2
            assert found.more

            # The next release.
            mending.digests_poison = True
            decoder.schema_is_unknown = False
            rehearsal = repair(REPLAY, of_one, dry_run=True)
            assert (rehearsal.count(Fate.REPLAYED), waiting()) == (3, 5)
            capped = repair(REPLAY, of_one, dry_run=True, most=2)
            assert (capped.count(Fate.REPLAYED), capped.more) == (2, True)
            done = repair(REPLAY, of_one)
            assert (done.count(Fate.REPLAYED), done.more) == (3, False)
            wait_until(lambda: totals(engine) == (22, 4), "two are counted, one fails again")
            assert counts(engine) == {"good": 20, POISON: 1, "known": 1}

            assert waiting() == 3
            repair(REPLAY, of_one)
            wait_until(lambda: totals(engine) == (22, 5), "it fails once more")
            assert repair(REPLAY, of_one).count(Fate.QUARANTINED) == 1
            assert waiting() == 2
            wait_until(lambda: handled(theirs) == 23 + 4, "the other service passes replays over")
            assert totals(theirs) == (21, 2)
            assert other.metric("duplicates_total") == 0
        theirs.dispose()
        quarantined = desk.browse(replace(everything, quarantine=True), limit=10, handled=False, within_s=10).letters
        assert [(listed.letter.value, listed.letter.replays) for listed in quarantined] == [(GARBAGE, 2)]
        assert repair(DROP, replace(everything, service=fine.name)).count(Fate.DROPPED) == 2
        assert waiting() == 0
        fates = [one.fate for one in desk.browse(everything, limit=10, handled=True, within_s=10).letters]
        assert sorted(map(str, fates)) == ["dropped"] * 2 + ["quarantined"] + ["replayed"] * 4
        with KafkaLetterSource(settings) as source:
            assert all(log.position == log.end for log in source.logs([f"{topic}.dlq"]))
        assert [(one.kind, one.dry_run) for one in desk.repairs(10)][-3:] == [
            ("replay", False),
            ("replay", True),
            ("replay", True),
        ]
