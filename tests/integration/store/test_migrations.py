from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import MetaData, delete, insert, inspect, select, text

from hangarstack.analytics import catalogue_changes, journeys, popularity, search_insights, system_health
from hangarstack.catalogue import tables as catalogue
from hangarstack.consumers.runtime import tables as runtime
from hangarstack.consumers.runtime.dedupe import SeenEvents
from hangarstack.consumers.runtime.service import Received
from hangarstack.deadletters import tables as dead_letters
from hangarstack.errors import StoreSchemaError
from hangarstack.producers import outbox, relay
from hangarstack.settings import Settings
from hangarstack.store.engine import OWNERS
from hangarstack.store.migrations import migrate
from tests.support.consumer_fakes import FakeRecord
from tests.support.consumers import Thing
from tests.support.stores import Opened

_TABLES: dict[str, tuple[MetaData, ...]] = {
    "catalogue": (catalogue.metadata, relay.RELAY_LEASE.metadata),
    "popularity": (popularity.METADATA, runtime.metadata),
    "journeys": (journeys.METADATA, runtime.metadata),
    "search_insights": (search_insights.METADATA, runtime.metadata),
    "catalogue_changes": (catalogue_changes.METADATA, runtime.metadata),
    "system_health": (system_health.METADATA, runtime.metadata),
    "dead_letters": (dead_letters.metadata,),
}


@pytest.mark.parametrize("owner", OWNERS)
def test_the_revisions_make_exactly_the_tables_that_the_code_declares(
    owner: str, store_settings: Settings, opened: Opened
) -> None:
    declared = MetaData()
    for metadata in _TABLES[owner]:
        for table in metadata.tables.values():
            table.to_metadata(declared)
    with opened(store_settings, owner).connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, declared)
    assert differences == []


def test_an_id_of_the_outbox_is_never_given_twice(store_settings: Settings, opened: Opened) -> None:
    engine = opened(store_settings, "catalogue")
    event = {"stream": "0", "key": "f-16", "attributes": "", "body": b"", "accepted_us": 0}
    ids = []
    with engine.begin() as tx:
        tx.execute(insert(outbox.OUTBOX_STREAMS).values(fingerprint="0", description=""))
        for _ in range(3):
            tx.execute(insert(outbox.OUTBOX).values(event))
            ids.append(tx.execute(select(outbox.OUTBOX.c.id)).scalar_one())
            tx.execute(delete(outbox.OUTBOX))
    assert ids == [1, 2, 3]


def test_a_second_run_changes_nothing_and_takes_no_time(empty_store_settings: Settings, opened: Opened) -> None:
    migrate(empty_store_settings)
    engine = opened(empty_store_settings, "popularity")
    with engine.begin() as tx:
        tx.execute(text("INSERT INTO views VALUES (0, 0, 'f-16', 7)"))
    begun = time.process_time()
    migrate(empty_store_settings)
    assert time.process_time() - begun < 0.5
    with engine.connect() as connection:
        assert connection.execute(text("SELECT views FROM views")).scalar_one() == 7


def test_processes_that_start_together_migrate_once(empty_store_settings: Settings, opened: Opened) -> None:
    problems: list[Exception] = []
    barrier = threading.Barrier(4)

    def start() -> None:
        barrier.wait()
        try:
            migrate(empty_store_settings, owners=("journeys",))
        except Exception as error:  # noqa: BLE001 - whatever it is, the test shows it
            problems.append(error)

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert "sessions" in inspect(opened(empty_store_settings, "journeys")).get_table_names()


def test_only_the_owners_asked_for_are_migrated(empty_store_settings: Settings, opened: Opened) -> None:
    migrate(empty_store_settings, owners=("catalogue",))
    tables = inspect(opened(empty_store_settings, "popularity")).get_table_names()
    assert "views" not in tables


def test_a_store_newer_than_the_code_is_refused(store_settings: Settings, opened: Opened) -> None:
    with opened(store_settings, "journeys").begin() as tx:
        tx.execute(text("UPDATE alembic_version SET version_num = '9999_from_the_future'"))
    with pytest.raises(StoreSchemaError, match="9999_from_the_future") as refused:
        migrate(store_settings)
    assert "Run the version that wrote this store" in refused.value.remedy


def test_a_failing_revision_leaves_the_store_as_it_was(empty_store_settings: Settings, opened: Opened) -> None:
    engine = opened(empty_store_settings, "journeys")
    migrate(empty_store_settings, owners=("journeys",))
    with engine.begin() as tx:
        tx.execute(text("DROP TABLE page_flow"))
        tx.execute(text("DROP TABLE sessions"))
        tx.execute(text("CREATE TABLE page_flow (other int)"))
        tx.execute(text("UPDATE alembic_version SET version_num = '0001_delivery'"))
    with pytest.raises(StoreSchemaError, match="page_flow"):
        migrate(empty_store_settings, owners=("journeys",))
    assert "sessions" not in inspect(engine).get_table_names()


def test_a_missing_directory_of_revisions_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreSchemaError) as refused:
        migrate(Settings(root=tmp_path, home=tmp_path))
    assert refused.value.where == str(tmp_path / "migrations" / "database" / "versions" / "catalogue")


@pytest.mark.parametrize("owner", OWNERS)
def test_the_revisions_of_an_owner_and_those_that_it_shares_are_one_chain_in_the_order_of_their_names(
    owner: str, store_settings: Settings, opened: Opened
) -> None:
    from alembic.script import ScriptDirectory

    versions = Settings().root / "migrations" / "database" / "versions"
    own = {path.stem for path in (versions / owner).glob("[0-9]*.py")}
    shared = {path.stem for path in (versions / "shared").glob("[0-9]*.py")}
    builds_on_shared = not any(name.startswith("0001_") for name in own)
    locations = [str(versions / owner), *([str(versions / "shared")] if builds_on_shared else [])]
    directory = ScriptDirectory(str(versions.parent), version_locations=locations)
    with opened(store_settings, owner).connect() as connection:
        head = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
    chain = [script.revision for script in directory.iterate_revisions(head, "base")]
    assert directory.get_heads() == [head]
    assert chain == sorted(own | (shared if builds_on_shared else set()), reverse=True)


def test_what_was_seen_before_partitions_were_noted_is_known_for_a_window_from_the_migration_on(
    empty_store_settings: Settings, opened: Opened
) -> None:
    began = int(time.time())
    migrate(empty_store_settings, owners=("journeys",))
    engine = opened(empty_store_settings, "journeys")
    with engine.begin() as tx:
        tx.execute(text("DROP INDEX ix_seen_events_log_seen_s"))
        tx.execute(text("ALTER TABLE seen_events DROP COLUMN log"))
        tx.execute(text("CREATE INDEX ix_seen_events_seen_s ON seen_events (seen_s)"))
        tx.execute(text("DROP TABLE written_letters"))
        tx.execute(text("UPDATE alembic_version SET version_num = '0002_read_models'"))
    thing = Thing(name="old")
    received = [Received(thing, "things", 0, 0, 1_000_000)]
    with engine.begin() as tx:
        tx.execute(text("INSERT INTO seen_events (event_id, seen_s) VALUES (:id, 1000)"), {"id": thing.event_id.bytes})
    migrate(empty_store_settings, owners=("journeys",))

    def claimed_after_pruning(partition: int, moment: int) -> bool:
        record = FakeRecord(topic_="things", partition_=partition, offset_=0, value_=b"", timestamp_ms=moment * 1000)
        seen = SeenEvents(3600)
        with engine.begin() as tx:
            seen.prune(tx, [("things", partition)], [record], 1, moment)
        with engine.begin() as tx:
            claimed = seen.claim(tx, received, moment)
            tx.rollback()
        return claimed == received

    # Whichever partition is ahead, and by however much.
    assert not claimed_after_pruning(0, began + 3600)
    assert claimed_after_pruning(3, int(time.time()) + 3601)


def test_a_member_of_the_version_before_that_still_runs_goes_on_writing(
    store_settings: Settings, opened: Opened
) -> None:
    thing = Thing(name="old")
    with opened(store_settings, "journeys").begin() as tx:
        # As members wrote it that knew of no partitions.
        said = text("INSERT INTO seen_events (event_id, seen_s) VALUES (:id, 1000) ON CONFLICT DO NOTHING")
        tx.execute(said, {"id": thing.event_id.bytes})
    with opened(store_settings, "journeys").begin() as tx:
        assert SeenEvents(3600).claim(tx, [Received(thing, "things", 0, 0, 1_000_000)], 1500.0) == []


def test_what_is_kept_for_ever_stays_so_when_partitions_are_noted(
    empty_store_settings: Settings, opened: Opened
) -> None:
    migrate(empty_store_settings, owners=("journeys",))
    engine = opened(empty_store_settings, "journeys")
    thing = Thing(name="old")
    with engine.begin() as tx:
        row = {"id": thing.event_id.bytes, "log": b""}
        tx.execute(text("INSERT INTO seen_events (event_id, log, seen_s) VALUES (:id, :log, 1)"), row)
        SeenEvents.keep(tx, [thing.event_id.bytes])
        tx.execute(text("DROP TABLE written_letters"))
        tx.execute(text("UPDATE alembic_version SET version_num = '0003_seen_by_log'"))
    migrate(empty_store_settings, owners=("journeys",))
    with engine.connect() as connection:
        assert connection.execute(text("SELECT seen_s FROM seen_events")).scalar_one() == 2**40
