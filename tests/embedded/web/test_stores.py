"""The web app's adapters on real, migrated stores; SQLite and PostgreSQL alike."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, delete, func, insert, select, update

from hangarstack.analytics.buckets import Grain, Window, seconds
from hangarstack.analytics.catalogue_changes import INVALIDATION_COUNTER, INVALIDATIONS
from hangarstack.analytics.popularity import PAIRS, VIEWS
from hangarstack.analytics.totals import SERVICE_OWNERS
from hangarstack.catalogue.importing import import_records
from hangarstack.catalogue.records import RecordValidator
from hangarstack.catalogue.repository import Catalogue
from hangarstack.catalogue.tables import aircraft, saved_edits
from hangarstack.errors import EditConflictError, InvalidAircraftError, StoreSchemaError
from hangarstack.producers.outbox import OUTBOX, append
from hangarstack.settings import Settings
from hangarstack.store.engine import open_store
from hangarstack.web.editor import Append, OutboxEditor
from hangarstack.web.insights import Insights
from hangarstack.web.live import snapshot
from hangarstack.web.ports import Now, SavedEdit, utc_now
from hangarstack.web.readmodels import StoredReadModels
from tests.support.aircraft import DATA, record
from tests.unit.web.fakes import FakeSink

NOW = datetime(2026, 11, 22, 12, 0, 30, tzinfo=UTC)


@pytest.fixture
def engines(store_settings: Settings) -> Iterator[dict[str, Engine]]:
    opened = {owner: open_store(store_settings, owner) for owner in (*SERVICE_OWNERS, "catalogue")}
    import_records(opened["catalogue"], [record()])
    yield opened
    for engine in opened.values():
        engine.dispose()


def catalogue(engines: dict[str, Engine]) -> Catalogue:
    return Catalogue(engines["catalogue"], RecordValidator(DATA))


def stored(engines: dict[str, Engine]) -> tuple[int, float, int]:
    """Return the aircraft's version and range, and how many events wait in the outbox."""
    with engines["catalogue"].connect() as connection:
        row = connection.execute(select(aircraft.c.version, aircraft.c.record)).one()
        waiting = connection.execute(select(func.count()).select_from(OUTBOX)).scalar_one()
    return row.version, json.loads(row.record)["performance"]["range_km"], waiting


def save(
    engines: dict[str, Engine],
    changes: dict[str, object],
    put: Append = append,
    version: int = 1,
    request: uuid.UUID | None = None,
    now: Now = utc_now,
) -> SavedEdit:
    editor = OutboxEditor(engines["catalogue"], catalogue(engines), put, now, window_s=60)
    return editor.save(
        "test-falcon",
        changes,
        expected_version=version,
        actor="visitor-1",
        reason=None,
        traceparent=None,
        request=request,
    )


def test_the_live_picture_of_empty_stores_is_whole(engines: dict[str, Engine]) -> None:
    insights = Insights(StoredReadModels(engines))
    picture = snapshot(insights, catalogue(engines), FakeSink())
    assert json.loads(json.dumps(picture)) == picture
    assert picture["totals"]["aircraft_views"] == 0
    assert len(picture["per_minute"]) == 60
    assert {row["service"] for row in picture["latency"]} >= {"popularity", "search-insights"}


def test_what_the_services_counted_is_what_pages_show(engines: dict[str, Engine]) -> None:
    minute = Grain.MINUTE.start(seconds(NOW))
    with engines["popularity"].begin() as tx:
        for back in (0, 5, 70):
            values = {"grain": 60, "bucket": minute - 60 * back, "aircraft_id": "test-falcon", "views": back + 1}
            tx.execute(insert(VIEWS).values(**values))
        tx.execute(insert(PAIRS).values(first_id="a", second_id="test-falcon", sessions=3))
        tx.exec_driver_sql("INSERT INTO applied_events (event_type, total) VALUES ('AircraftView', 78)")
        tx.exec_driver_sql("INSERT INTO dead_letters (topic, total) VALUES ('t', 2)")
    models = StoredReadModels(engines, now=lambda: NOW)
    insight = Insights(models).aircraft("test-falcon")
    assert (insight.last_hour, insight.per_minute[-1], insight.per_minute[-6]) == (7, 1, 6)
    assert [(one.aircraft_id, one.sessions) for one in insight.together] == [("a", 3)]
    assert [(row.aircraft_id, row.views) for row in models.top_aircraft(Window.HOUR, 5)] == [("test-falcon", 7)]
    assert models.totals()["aircraft_views"] == 78
    assert models.totals()["dead_letters"] == 2


def test_invalidations_are_followed(engines: dict[str, Engine]) -> None:
    models = StoredReadModels(engines)
    seen = models.last_invalidation()
    with engines["catalogue_changes"].begin() as tx:
        tx.execute(delete(INVALIDATION_COUNTER))
        tx.execute(insert(INVALIDATION_COUNTER).values(id=1, seq=seen + 1))
        tx.execute(insert(INVALIDATIONS).values(seq=seen + 1, aircraft_id="test-falcon"))
    changed = models.invalidations_since(seen)
    assert (set(changed.aircraft_ids), changed.seq) == ({"test-falcon"}, seen + 1)


def test_a_change_and_its_event_are_stored_together(engines: dict[str, Engine]) -> None:
    save(engines, {"performance.range_km": 3300})
    assert stored(engines) == (2, 3300, 1)


def test_an_event_that_cannot_be_written_takes_the_change_back(engines: dict[str, Engine]) -> None:
    def fail(tx: object, event: object, *, traceparent: str | None = None) -> None:  # noqa: ARG001 - the port's
        raise RuntimeError("the disk is full")

    with pytest.raises(RuntimeError):
        save(engines, {"performance.range_km": 3300}, fail)
    assert stored(engines) == (1, 3200, 0)


def test_what_the_schema_refuses_is_not_stored(engines: dict[str, Engine]) -> None:
    with pytest.raises(InvalidAircraftError) as caught:
        save(engines, {"performance.range_km": -1, "name": None})
    assert set(caught.value.problems) == {"performance.range_km", "name"}
    assert stored(engines) == (1, 3200, 0)


def test_an_edit_of_an_older_version_is_a_conflict(engines: dict[str, Engine]) -> None:
    save(engines, {"performance.range_km": 3300})
    with pytest.raises(EditConflictError):
        save(engines, {"performance.range_km": 3400})
    assert stored(engines) == (2, 3300, 1)


def test_an_edit_that_is_asked_for_again_is_answered_as_the_first_time(engines: dict[str, Engine]) -> None:
    request = uuid.uuid4()
    first = save(engines, {"performance.range_km": 3300}, request=request)
    save(engines, {"performance.range_km": 3400}, version=2)
    assert save(engines, {"performance.range_km": 3300}, request=request) == first
    assert first == SavedEdit(2, ("performance.range_km",))
    assert stored(engines) == (3, 3400, 2)


def test_one_request_that_comes_twice_at_once_is_saved_once(engines: dict[str, Engine]) -> None:
    request = uuid.uuid4()
    with ThreadPoolExecutor(4) as threads:
        asked = [threads.submit(save, engines, {"performance.range_km": 3300}, append, 1, request) for _ in range(4)]
    assert {one.result() for one in asked} == {SavedEdit(2, ("performance.range_km",))}
    assert stored(engines) == (2, 3300, 1)


def test_another_request_for_the_same_edit_is_a_conflict(engines: dict[str, Engine]) -> None:
    save(engines, {"performance.range_km": 3300}, request=uuid.uuid4())
    with pytest.raises(EditConflictError):
        save(engines, {"performance.range_km": 3300}, request=uuid.uuid4())


def test_requests_are_forgotten_after_the_window(engines: dict[str, Engine]) -> None:
    save(engines, {"performance.range_km": 3300}, request=uuid.uuid4(), now=lambda: NOW)
    later = uuid.uuid4()
    save(engines, {"performance.range_km": 3400}, version=2, request=later, now=lambda: NOW + timedelta(seconds=61))
    with engines["catalogue"].connect() as connection:
        assert connection.execute(select(saved_edits.c.request)).scalars().all() == [str(later)]


def test_an_edit_that_changes_nothing_writes_nothing(engines: dict[str, Engine]) -> None:
    with engines["catalogue"].begin() as tx:
        tx.execute(update(aircraft).values(updated_at=NOW - timedelta(days=1)))
    save(engines, {"performance.range_km": 3200})
    assert stored(engines) == (1, 3200, 0)


def test_a_store_that_was_never_migrated_says_so(sqlite_settings: Settings) -> None:
    fresh = Settings(home=sqlite_settings.home / "elsewhere")
    models = StoredReadModels({owner: open_store(fresh, owner) for owner in SERVICE_OWNERS})
    with pytest.raises(StoreSchemaError):
        models.trending(3)
