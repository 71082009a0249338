"""Schema ids as producers and consumers ask for them."""

from __future__ import annotations

import json
import logging
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from hangarstack.errors import (
    DecodeError,
    RegistryError,
    RegistryUnavailableError,
    SchemaNotFoundError,
    SettingsError,
)
from hangarstack.registry.ids import SchemaIds
from hangarstack.settings import Secret, Settings
from tests.embedded.registry.schemas import fresh, record
from tests.support.answering import answering
from tests.support.certificates import make_certificates
from tests.support.ports import free_port
from tests.support.registry import Registry, running

TEXT = json.dumps(record("a"))


def settings_for(registry: Registry, home: Path) -> Settings:
    return replace(registry.settings, home=home)


def test_an_id_is_the_one_of_the_registered_schema(registry: Registry, tmp_path: Path) -> None:
    subject = fresh()
    schema_id = registry.register(subject, record("a"))
    ids = SchemaIds(settings_for(registry, tmp_path))
    assert ids.id_of(subject, TEXT) == schema_id
    assert ids.id_of(subject, json.dumps(record("a"), indent=2)) == schema_id
    assert json.loads(ids.schema_of(schema_id)) == record("a")


def test_a_schema_comes_with_what_it_refers_to_written_out(registry: Registry, tmp_path: Path) -> None:
    inner = fresh()
    registry.register(inner, record("a", name="Inner"))
    outer = record({"name": "i", "type": "Inner"}, name="Outer")
    schema_id = registry.register(fresh(), outer, references=[{"name": "test.Inner", "subject": inner, "version": 1}])
    text = SchemaIds(settings_for(registry, tmp_path)).schema_of(schema_id)
    assert json.loads(text)["fields"][0]["type"]["fields"] == [{"name": "a", "type": "int"}]


def test_what_the_registry_does_not_know_is_not_found_and_never_registered(registry: Registry, tmp_path: Path) -> None:
    ids = SchemaIds(settings_for(registry, tmp_path))
    subject = fresh()
    with pytest.raises(SchemaNotFoundError, match="hangarstack migrate apply"):
        ids.id_of(subject, TEXT)
    with pytest.raises(SchemaNotFoundError, match="Schema 4000000 not found"):
        ids.schema_of(4_000_000)
    assert subject not in registry.ask("GET", "/subjects").body


def test_a_process_starts_while_the_registry_is_away(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    port = free_port()
    settings = Settings(home=tmp_path / "home", registry_url=f"http://127.0.0.1:{port}", registry_timeout_s=2)
    with running(Settings(home=tmp_path / "registry"), port=port) as registry:
        schema_id = registry.register("s", record("a"))
        first = SchemaIds(settings)
        assert first.id_of("s", TEXT) == schema_id
        text = first.schema_of(schema_id)
    later = SchemaIds(settings)
    with caplog.at_level(logging.WARNING):
        assert later.id_of("s", TEXT) == schema_id
        assert later.schema_of(schema_id) == text
    assert "going on with what it answered before" in caplog.text
    with pytest.raises(RegistryUnavailableError, match="cannot be reached"):
        later.id_of("t", TEXT)


def test_a_registry_that_is_back_is_asked_before_the_cache_is_believed(tmp_path: Path) -> None:
    port = free_port()
    settings = Settings(home=tmp_path / "home", registry_url=f"http://127.0.0.1:{port}")
    with running(Settings(home=tmp_path / "one"), port=port) as registry:
        registry.register("other", record("first"))
        registry.register("s", record("a"))
        assert SchemaIds(settings).id_of("s", TEXT) == 2
    with running(Settings(home=tmp_path / "made-anew"), port=port) as registry:
        registry.register("s", record("a"))
        assert SchemaIds(settings).id_of("s", TEXT) == 1


def test_a_damaged_cache_costs_a_log_line(registry: Registry, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    subject = fresh()
    schema_id = registry.register(subject, record("a"))
    settings = settings_for(registry, tmp_path)
    SchemaIds(settings).id_of(subject, TEXT)
    (file,) = (tmp_path / "cache").glob("schema-ids-*.json")
    for damage in (b"{", b"\xff\xfe", b"[]", b'{"format": 1, "ids": 3}', file.read_bytes()[:-20]):
        file.write_bytes(damage)
        caplog.clear()
        with caplog.at_level(logging.WARNING):
            assert SchemaIds(settings).id_of(subject, TEXT) == schema_id
        assert str(file) in caplog.text
        assert json.loads(file.read_text())["ids"]


def test_a_cache_that_cannot_be_written_costs_a_log_line(
    registry: Registry, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "cache").write_text("a file where the directory should be")
    subject = fresh()
    schema_id = registry.register(subject, record("a"))
    with caplog.at_level(logging.WARNING):
        assert SchemaIds(settings_for(registry, tmp_path)).id_of(subject, TEXT) == schema_id
    assert "cannot be kept" in caplog.text


def test_processes_that_start_at_once_keep_each_others_answers(registry: Registry, tmp_path: Path) -> None:
    subjects = [fresh() for _ in range(16)]
    for subject in subjects:
        registry.register(subject, record("a"))
    settings = settings_for(registry, tmp_path)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda subject: SchemaIds(settings).id_of(subject, TEXT), subjects))
    (file,) = (tmp_path / "cache").glob("schema-ids-*.json")
    assert len(json.loads(file.read_text())["ids"]) == 16


def test_each_answer_is_asked_for_once(tmp_path: Path) -> None:
    with answering(200, {"id": 7, "schema": TEXT}) as (url, asked):
        ids = SchemaIds(Settings(home=tmp_path, registry_url=url))
        assert [ids.id_of("s", TEXT) for _ in range(3)] == [7, 7, 7]
        assert [ids.schema_of(7) for _ in range(3)] == [TEXT] * 3
    assert [path for path, _ in asked] == ["/subjects/s", "/schemas/ids/7?format=resolved"]


def test_a_failing_registry_is_unavailable_and_a_refusing_one_names_the_settings(tmp_path: Path) -> None:
    for status in (500, 503, 429):
        failed = pytest.raises(RegistryUnavailableError, match=f"the registry failed \\({status} no\\)")
        with answering(status, {"error_code": status, "message": "no"}) as (url, _), failed:
            SchemaIds(Settings(home=tmp_path / str(status), registry_url=url)).id_of("s", TEXT)
    refused = pytest.raises(RegistryError, match="HANGARSTACK_REGISTRY_PASSWORD")
    with answering(401, {"error_code": 401, "message": "Unauthorized"}) as (url, _), refused:
        SchemaIds(Settings(home=tmp_path, registry_url=url)).id_of("s", TEXT)


@pytest.mark.parametrize("body", [[], {"id": "7"}, {"id": True}, {}])
def test_an_answer_that_no_registry_gives_is_an_error(tmp_path: Path, body: object) -> None:
    with answering(200, body) as (url, _):
        ids = SchemaIds(Settings(home=tmp_path, registry_url=url))
        with pytest.raises(RegistryError, match="not what a schema registry gives"):
            ids.id_of("s", TEXT)
        with pytest.raises(RegistryError, match="not what a schema registry gives"):
            ids.schema_of(7)


def test_an_answer_that_is_no_json_or_a_redirect_is_an_error(tmp_path: Path) -> None:
    with answering(200, b"<html>") as (url, _), pytest.raises(RegistryError, match="not JSON"):
        SchemaIds(Settings(home=tmp_path, registry_url=url)).schema_of(1)
    with answering(302, b"") as (url, asked), pytest.raises(RegistryError, match="302"):
        SchemaIds(Settings(home=tmp_path, registry_url=url, registry_username="me")).schema_of(1)
    assert len(asked) == 1


def test_a_schema_that_is_not_avro_cannot_be_decoded(tmp_path: Path) -> None:
    refused = pytest.raises(DecodeError, match="the schema is JSON, not Avro")
    with answering(200, {"schema": "{}", "schemaType": "JSON"}) as (url, _), refused:
        SchemaIds(Settings(home=tmp_path, registry_url=url)).schema_of(1)


def test_credentials_are_sent_and_never_shown(tmp_path: Path) -> None:
    with answering(404, {"error_code": 40403, "message": "none"}) as (url, asked):
        with_user = url.replace("http://", "http://user%40x:se%3Acret@")
        with pytest.raises(SchemaNotFoundError) as error:
            SchemaIds(Settings(home=tmp_path, registry_url=with_user)).schema_of(1)
        assert "se" not in str(error.value).replace("set", "").replace("schemas", "").replace("registers", "")
        settings = Settings(home=tmp_path, registry_url=url, registry_username="me", registry_password=Secret("pa:ss"))
        with pytest.raises(SchemaNotFoundError):
            SchemaIds(settings).schema_of(1)
    assert [headers["Authorization"] for _, headers in asked] == ["Basic dXNlckB4OnNlOmNyZXQ=", "Basic bWU6cGE6c3M="]


def test_a_silent_registry_is_given_up_within_the_time_out(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        began = time.monotonic()
        with pytest.raises(RegistryUnavailableError, match="cannot be reached"):
            SchemaIds(Settings(home=tmp_path, registry_url=url, registry_timeout_s=0.3)).id_of("s", TEXT)
        assert time.monotonic() - began < 2


def test_a_registry_that_is_away_is_waited_for_once_when_its_answers_are_kept(tmp_path: Path) -> None:
    with answering(200, {"id": 7}) as (url, _):
        first = SchemaIds(Settings(home=tmp_path, registry_url=url))
        for number in range(10):
            first.id_of(f"s{number}", TEXT)
    with socket.create_server(("127.0.0.1", int(url.rpartition(":")[2]))):
        began = time.monotonic()
        later = SchemaIds(Settings(home=tmp_path, registry_url=url, registry_timeout_s=0.3))
        assert {later.id_of(f"s{number}", TEXT) for number in range(10)} == {7}
        assert time.monotonic() - began < 2


def test_a_registry_on_this_machine_is_not_asked_through_a_proxy(
    registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    subject = fresh()
    schema_id = registry.register(subject, record("a"))
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{free_port()}")
    monkeypatch.delenv("no_proxy", raising=False)
    assert SchemaIds(settings_for(registry, tmp_path)).id_of(subject, TEXT) == schema_id


def test_several_addresses_are_tried_in_turn(registry: Registry, tmp_path: Path) -> None:
    subject = fresh()
    schema_id = registry.register(subject, record("a"))
    urls = f"http://127.0.0.1:{free_port()}, {registry.url}/"
    assert SchemaIds(Settings(home=tmp_path, registry_url=urls)).id_of(subject, TEXT) == schema_id


@pytest.mark.parametrize("url", ["ftp://host", "file:///etc/passwd", "localhost:8081"])
def test_an_address_that_is_not_http_is_a_settings_error(tmp_path: Path, url: str) -> None:
    with pytest.raises(SettingsError, match="http:// or https://"):
        SchemaIds(Settings(home=tmp_path, registry_url=url))


def test_a_registry_behind_tls_is_trusted_by_its_authority_alone(tmp_path: Path) -> None:
    certificates = make_certificates(tmp_path)
    with answering(200, {"id": 7}, certificates) as (url, _):
        settings = Settings(home=tmp_path / "trusting", registry_url=url, registry_ca=str(certificates.authority))
        assert SchemaIds(settings).id_of("s", TEXT) == 7
        with pytest.raises(RegistryUnavailableError, match="certificate verify failed"):
            SchemaIds(Settings(home=tmp_path / "wary", registry_url=url)).id_of("s", TEXT)
        missing = Settings(home=tmp_path, registry_url=url, registry_ca=str(tmp_path / "none.pem"))
        with pytest.raises(SettingsError, match="HANGARSTACK_REGISTRY_CA"):
            SchemaIds(missing).id_of("s", TEXT)
        SchemaIds(settings).check()
        with pytest.raises(SettingsError, match="HANGARSTACK_REGISTRY_CA"):
            SchemaIds(missing).check()
