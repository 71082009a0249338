from __future__ import annotations

import threading

import pytest
from sqlalchemy import func, select

from hangarstack.analytics.catalogue_changes import (
    INVALIDATIONS,
    KEPT_INVALIDATIONS,
    FieldRevision,
    Invalidations,
    Revision,
    history,
    invalidations_since,
    last_invalidation,
    latest_changes,
)
from hangarstack.consumers.services.catalogue_changes import CatalogueChanges
from hangarstack.events import Operation
from tests.integration.consumers.services.harness import Harness, Start
from tests.integration.consumers.services.made import NOW, ago, change, received


@pytest.fixture
def changes(start: Start) -> Harness:
    return start(CatalogueChanges)


def test_an_empty_store_answers_with_nothing(changes: Harness) -> None:
    assert history(changes.engine, "f-16") == ()
    assert latest_changes(changes.engine) == ()
    assert last_invalidation(changes.engine) == 0
    assert invalidations_since(changes.engine, 0) == Invalidations(seq=0, aircraft_ids=frozenset(), everything=False)


def test_the_history_shows_each_field_before_and_after(changes: Harness) -> None:
    changes.apply(change("f-16", 1, operation=Operation.CREATED, at=ago(days=1)), change("su-27", 1))
    changes.apply(
        change("f-16", 2, ("weights.max_takeoff_kg", "19000", "19187"), ("role", None, "fighter"), reason="a typo")
    )
    latest, first = history(changes.engine, "f-16")
    assert latest == Revision(
        aircraft_id="f-16",
        version=2,
        operation="UPDATED",
        at=NOW,
        actor="editor",
        reason="a typo",
        changes=(
            FieldRevision(path="weights.max_takeoff_kg", before="19000", after="19187"),
            FieldRevision(path="role", before=None, after="fighter"),
        ),
    )
    assert (first.version, first.operation, first.changes) == (1, "CREATED", ())


def test_a_long_history_is_read_page_by_page(changes: Harness) -> None:
    changes.apply(*(change("f-16", version) for version in range(1, 8)))
    first = history(changes.engine, "f-16", limit=3)
    second = history(changes.engine, "f-16", limit=3, before_version=first[-1].version)
    assert [revision.version for revision in (*first, *second)] == [7, 6, 5, 4, 3, 2]


def test_the_latest_changes_are_of_all_aircraft(changes: Harness) -> None:
    changes.apply(change("a", 1, at=ago(hours=2)), change("b", 1, at=ago(hours=1)), change("c", 1))
    assert [revision.aircraft_id for revision in latest_changes(changes.engine, limit=2)] == ["c", "b"]


def test_every_reader_learns_what_changed_since_it_asked(changes: Harness) -> None:
    changes.apply(change("first", 1))
    seq = last_invalidation(changes.engine)
    changes.apply(change("a", 1), change("b", 1), change("a", 2))
    news = invalidations_since(changes.engine, seq)
    assert news.aircraft_ids == {"a", "b"}
    assert not news.everything
    assert news.seq == last_invalidation(changes.engine)
    changes.apply(change("c", 1))
    assert invalidations_since(changes.engine, news.seq).aircraft_ids == {"c"}
    assert invalidations_since(changes.engine, seq).aircraft_ids == {"a", "b", "c"}


def test_numbers_appear_in_order_although_two_members_write(changes: Harness) -> None:
    other = threading.Thread(target=changes.apply, args=(change("second", 1),))
    with changes.engine.begin() as tx:
        changes.service.apply(tx, [received(change("first", 1))])
        other.start()
        other.join(0.2)
        assert invalidations_since(changes.engine, 0).aircraft_ids == frozenset()
    other.join()
    with changes.engine.connect() as connection:
        rows = connection.execute(select(INVALIDATIONS).order_by(INVALIDATIONS.c.seq)).all()
    assert [row.aircraft_id for row in rows] == ["first", "second"]
    assert rows[1].seq == rows[0].seq + 1


def test_a_reader_that_is_far_behind_must_read_everything(changes: Harness) -> None:
    changes.apply(*(change(f"a{n}", 1) for n in range(1200)))
    seq = last_invalidation(changes.engine)
    changes.apply(*(change(f"b{n}", 1) for n in range(KEPT_INVALIDATIONS)))
    far_behind = invalidations_since(changes.engine, seq - 1195)
    assert far_behind.everything
    assert far_behind.seq == seq + KEPT_INVALIDATIONS
    assert not invalidations_since(changes.engine, seq).everything
    assert len(invalidations_since(changes.engine, seq).aircraft_ids) == 1000
    with changes.engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(INVALIDATIONS)).scalar_one() == KEPT_INVALIDATIONS


def test_a_reader_of_a_store_made_anew_must_read_everything_however_many_changes_it_had_seen(changes: Harness) -> None:
    changes.apply(change("a", 1), change("b", 1))
    for seen in (0, 1, 700, last_invalidation(changes.engine) + 1):
        news = invalidations_since(changes.engine, seen)
        assert news.everything
        assert news.seq == last_invalidation(changes.engine)
