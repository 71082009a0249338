"""The registry as schema migrations see it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from hangarstack.contracts.registry import Registry as Port
from hangarstack.errors import (
    RegistryError,
    RegistryUnavailableError,
    SchemaNotFoundError,
    SchemaRefusedError,
    SettingsError,
)
from hangarstack.registry.client import RegistryAdmin
from hangarstack.settings import Secret, Settings
from tests.embedded.registry.schemas import fresh, optional, record
from tests.support.ports import free_port
from tests.support.registry import Registry, running

TEXT = json.dumps(record("a"))


@pytest.fixture
def admin(registry: Registry) -> RegistryAdmin:
    return RegistryAdmin(registry.settings)


def test_it_is_what_migrations_ask_for(admin: RegistryAdmin) -> None:
    port: Port = admin
    assert isinstance(port.subjects(), list)


def test_versions_are_registered_listed_and_deleted(admin: RegistryAdmin) -> None:
    subject = fresh()
    assert admin.versions(subject) == {}
    first = admin.register(subject, TEXT)
    assert admin.register(subject, TEXT) == first
    second = admin.register(subject, json.dumps(record("a", optional("b"))))
    assert {number: json.loads(text) for number, text in admin.versions(subject).items()} == {
        1: record("a"),
        2: record("a", optional("b")),
    }
    assert subject in admin.subjects()
    admin.delete_version(subject, 1)
    assert list(admin.versions(subject)) == [2]
    assert admin.lookup(subject, TEXT) is None
    assert admin.lookup(subject, json.dumps(record("a", optional("b")))) == second
    with pytest.raises(SchemaNotFoundError, match="was soft deleted"):
        admin.delete_version(subject, 1)


def test_it_sees_what_others_did_meanwhile(admin: RegistryAdmin, registry: Registry) -> None:
    subject = fresh()
    schema_id = admin.register(subject, TEXT)
    assert admin.lookup(subject, TEXT) == schema_id
    assert list(admin.versions(subject)) == [1]
    registry.ask("DELETE", f"/subjects/{subject}")
    registry.ask("DELETE", f"/subjects/{subject}?permanent=true")
    assert admin.lookup(subject, TEXT) is None
    registry.register(subject, record("other"))
    assert [json.loads(text) for text in admin.versions(subject).values()] == [record("other")]


def test_levels_are_read_and_set(admin: RegistryAdmin) -> None:
    subject = fresh()
    assert admin.compatibility(subject) is None
    assert admin.compatibility(None) == "BACKWARD"
    admin.set_compatibility(subject, "FULL")
    assert admin.compatibility(subject) == "FULL"
    with pytest.raises(SchemaRefusedError, match="Invalid compatibility level"):
        admin.set_compatibility(subject, "SIDEWAYS")


def test_a_breaking_schema_is_refused_with_the_reasons(admin: RegistryAdmin) -> None:
    subject = fresh()
    admin.register(subject, TEXT)
    breaking = json.dumps(record("a", "b"))
    assert admin.is_compatible(subject, json.dumps(record("a", optional("b")))) == []
    assert "READER_FIELD_MISSING_DEFAULT_VALUE" in admin.is_compatible(subject, breaking)[0]
    assert "no type is named nothing" in admin.is_compatible(subject, '"nothing"')[0]
    with pytest.raises(SchemaRefusedError, match="READER_FIELD_MISSING_DEFAULT_VALUE") as refused:
        admin.register(subject, breaking)
    assert refused.value.exit_code == 1
    assert refused.value.where.endswith(f"/subjects/{subject}/versions")


def test_a_registry_that_is_away_is_one_line_that_says_so() -> None:
    settings = Settings(registry_url=f"http://me:secret@127.0.0.1:{free_port()}", registry_timeout_s=1)
    with pytest.raises(RegistryUnavailableError) as away:
        RegistryAdmin(settings).subjects()
    assert "HANGARSTACK_REGISTRY_URL" in str(away.value)
    assert "secret" not in str(away.value)


def test_the_embedded_registry_is_where_none_is_named(tmp_path: Path) -> None:
    with running(Settings(home=tmp_path)) as registry:
        port = int(registry.url.rpartition(":")[2])
        assert RegistryAdmin(Settings(registry_port=port)).subjects() == []


def test_wrong_credentials_name_the_settings(tmp_path: Path) -> None:
    guarded = Settings(home=tmp_path, registry_username="me", registry_password=Secret("right"))
    with running(guarded) as registry:
        assert RegistryAdmin(registry.settings).subjects() == []
        wrong = replace(registry.settings, registry_password=Secret("wrong"))
        with pytest.raises(RegistryError, match="HANGARSTACK_REGISTRY_PASSWORD"):
            RegistryAdmin(wrong).subjects()


def test_settings_that_cannot_be_used_are_one_line() -> None:
    with pytest.raises(SettingsError, match="registry's settings cannot be used"):
        RegistryAdmin(Settings(registry_url="ftp://host"))
    with pytest.raises(SettingsError, match="registry's settings cannot be used"):
        RegistryAdmin(Settings(registry_url="https://127.0.0.1", registry_ca="/no/such/file.pem"))
