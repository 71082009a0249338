from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from hangarstack.consumers.runtime.outage import is_outage
from hangarstack.settings import Secret, Settings
from hangarstack.store.engine import open_store
from tests.support.postgres_proxy import PostgresProxy
from tests.support.stores import Opened

OWNER = "popularity"
SESSION_MS = 1000
IDLE_S = SESSION_MS / 2000
LIMITS = ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout", "transaction_timeout")
ADD = text("UPDATE counter SET n = n + 1")


@pytest.fixture
def settings(postgres_settings: Settings, opened: Opened) -> Settings:
    with opened(postgres_settings, OWNER).begin() as tx:
        tx.execute(text("CREATE TABLE counter (n int)"))
        tx.execute(text("INSERT INTO counter VALUES (0)"))
    return replace(postgres_settings, session_timeout_ms=SESSION_MS)


def value(engine: Engine) -> int:
    with engine.connect() as connection:
        return int(connection.execute(text("SELECT n FROM counter")).scalar_one())


def shown(engine: Engine, *names: str) -> list[str]:
    with engine.connect() as connection:
        return [str(connection.exec_driver_sql(f"SHOW {name}").scalar_one()) for name in names]


def driver_of(connection: Connection) -> Any:
    return connection.connection.driver_connection


@pytest.mark.parametrize(
    ("rows", "longest_s"),
    [(None, IDLE_S), ([{"by": 1}, {"by": 0}], IDLE_S + 2)],
    ids=["", "many"],
)
def test_a_process_that_is_frozen_within_a_transaction_does_not_keep_the_others_waiting(
    settings: Settings, opened: Opened, rows: list[dict[str, int]] | None, longest_s: float
) -> None:
    frozen, other = opened(settings, OWNER), opened(settings, OWNER)
    with frozen.connect() as tx:
        # Several rows go as a pipeline, behind which the server does not count the session as idle.
        tx.execute(text("UPDATE counter SET n = n + :by"), rows or {"by": 1})
        begun = time.monotonic()
        with other.begin() as others:
            others.execute(ADD)
        assert IDLE_S / 2 < time.monotonic() - begun < longest_s + 1
        with pytest.raises(DBAPIError) as error:
            tx.execute(ADD)
    assert is_outage(error.value)
    assert value(frozen) == 1


def test_nobody_waits_longer_for_a_lock_or_a_statement_than_is_said(settings: Settings, opened: Opened) -> None:
    assert shown(opened(settings, OWNER), *LIMITS) == ["4s", "10s", "500ms", "2500ms"]
    assert shown(opened(replace(settings, session_timeout_ms=45_000), OWNER), *LIMITS) == ["4s", "10s", "3s", "5s"]


def test_what_takes_its_time_may_but_not_leave_others_waiting_for_nothing(settings: Settings) -> None:
    engine = open_store(settings, OWNER, patient=True)
    assert shown(engine, *LIMITS) == ["0", "0", "500ms", "0"]
    engine.dispose()
    engine = open_store(settings, OWNER, shadow=True)
    assert shown(engine, *LIMITS) == ["0", "0", "0", "0"]
    engine.dispose()


@pytest.fixture
def proxy(settings: Settings) -> Iterator[PostgresProxy]:
    with PostgresProxy(settings.database_url.reveal()) as proxy:
        yield proxy


def test_a_peer_that_is_gone_is_noticed_by_both_sides(settings: Settings, proxy: PostgresProxy, opened: Opened) -> None:
    engine = opened(replace(settings, database_url=Secret(f"{proxy.url}?connect_timeout=2")), OWNER)
    with engine.connect() as connection:
        parameters = driver_of(connection).info.get_parameters()
    expected = {"keepalives_idle": "2", "keepalives_interval": "1", "keepalives_count": "3"}
    assert parameters.items() >= {**expected, "tcp_user_timeout": "5000"}.items()
    # What the URL says counts more.
    assert parameters["connect_timeout"] == "2"


def test_the_server_looks_for_clients_that_are_gone(settings: Settings, opened: Opened) -> None:
    # On a Unix socket there is nothing to look for: only what was asked of the server can be seen.
    with opened(settings, OWNER).connect() as connection:
        query = "SELECT name FROM pg_settings WHERE starts_with(name, 'tcp_') AND source = 'session'"
        found = set(connection.execute(text(query)).scalars())
    assert found == {"tcp_keepalives_count", "tcp_keepalives_idle", "tcp_keepalives_interval", "tcp_user_timeout"}


def test_a_server_that_says_nothing_is_taken_for_gone_and_asked_anew(
    settings: Settings, proxy: PostgresProxy, opened: Opened
) -> None:
    engine = opened(replace(settings, database_url=Secret(proxy.url)), OWNER)
    begun = time.monotonic()
    with engine.connect() as connection:
        driver_of(connection).silence_s = 0.5
        connection.execute(ADD)
        proxy.swallow()
        with pytest.raises(DBAPIError, match=r"said nothing for 0\.5 s") as error:
            connection.execute(ADD)
    assert time.monotonic() - begun < 3
    assert is_outage(error.value)
    assert value(engine) == 0


def test_a_statement_that_takes_long_is_no_silence_of_a_patient_one(settings: Settings, proxy: PostgresProxy) -> None:
    engine = open_store(replace(settings, database_url=Secret(proxy.url)), OWNER, patient=True)
    with engine.connect() as connection:
        assert driver_of(connection).silence_s == 0
    engine.dispose()


@pytest.mark.parametrize(
    "spoil",
    # The second as a pooler does it that gives the session to others: behind the driver's back.
    ["SET default_transaction_read_only = on", "DO $$ BEGIN EXECUTE 'DEALLOCATE ALL'; END $$"],
    ids=["read-only", "prepared statements lost"],
)
def test_a_connection_that_has_become_useless_is_not_used_again(settings: Settings, opened: Opened, spoil: str) -> None:
    engine = opened(settings, OWNER)
    with engine.connect() as connection:
        driver_of(connection).prepare_threshold = 0
        connection.execute(ADD)
        connection.commit()
        connection.exec_driver_sql(spoil)
        connection.commit()
    with pytest.raises(DBAPIError) as error, engine.begin() as tx:
        tx.execute(ADD)
    assert is_outage(error.value)
    with engine.begin() as tx:
        tx.execute(ADD)
    assert value(engine) == 2
