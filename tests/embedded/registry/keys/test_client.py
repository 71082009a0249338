"""What Confluent's Python client does with keys: its DEK registry client, and its field encryption end to end."""

from __future__ import annotations

import base64
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka.schema_registry.error import SchemaRegistryError
from confluent_kafka.schema_registry.rules.encryption.dek_registry.dek_registry_client import (
    DekAlgorithm,
    DekRegistryClient,
)
from confluent_kafka.serialization import SerializationError

from hangarstack.settings import Secret, Settings
from tests.embedded.registry.keys.asking import KEKS, MATERIAL, OTHER, make_kek, unused
from tests.support.encrypting import LaterClock, party, use_local_kms
from tests.support.registry import Registry, running

# One for all tests: Tink keeps the first client for local-kms that a process makes.
SECRET = "of the parties"
RECORD = {"id": 7, "email": "ada@example.org", "picture": b"\x00\xffpixels"}


@pytest.fixture(autouse=True)
def _local_kms() -> None:
    use_local_kms()


def another_client(registry: Registry) -> DekRegistryClient:
    """Return a client that remembers nothing of another's keys."""
    return DekRegistryClient({"url": registry.url, "timeout": 10, "max.retries": 0})


@pytest.fixture
def client(registry: Registry) -> Iterator[DekRegistryClient]:
    with another_client(registry) as made:
        yield made


@pytest.fixture
def name() -> str:
    return unused()


def rule(name: str, **more: str) -> dict[str, str]:
    return {"encrypt_kek_name": name, "encrypt_kms_type": "local-kms", "encrypt_kms_key_id": "id", **more}


def versions(registry: Registry, name: str, query: str = "") -> Any:
    return registry.ask("GET", f"{KEKS}/{name}/deks/{name}-value/versions{query}").body


def test_keys_are_registered_and_read(client: DekRegistryClient, registry: Registry, name: str) -> None:
    kek = client.register_kek(name, "local-kms", "id", kms_props={"a": "b"}, doc="for orders")
    assert (kek.name, kek.kms_type, kek.kms_key_id, kek.shared, kek.deleted) == (name, "local-kms", "id", False, None)
    dek = client.register_dek(name, "a/b-value", MATERIAL, DekAlgorithm.AES128_GCM)
    assert (dek.version, dek.algorithm, dek.key_material) == (1, DekAlgorithm.AES128_GCM, None)
    with another_client(registry) as other:
        assert other.get_kek(name) == kek
        found = other.get_dek(name, "a/b-value", DekAlgorithm.AES128_GCM)
        assert found == dek
        assert found.get_encrypted_key_material_bytes() == base64.b64decode(MATERIAL)


def test_the_latest_version_is_read_as_minus_one(client: DekRegistryClient, name: str) -> None:
    client.register_kek(name, "local-kms", "id")
    client.register_dek(name, "s-value", MATERIAL, version=1)
    assert client.get_dek(name, "s-value", version=-1).version == 1
    client.register_dek(name, "s-value", OTHER, version=2)
    latest = client.get_dek(name, "s-value", version=-1)
    assert (latest.version, latest.encrypted_key_material) == (2, OTHER)


def test_a_key_of_another_client_is_a_conflict(client: DekRegistryClient, registry: Registry, name: str) -> None:
    client.register_kek(name, "local-kms", "id")
    client.register_dek(name, "s-value", MATERIAL)
    with another_client(registry) as other:
        with pytest.raises(SchemaRegistryError) as no_kek:
            other.register_kek(name, "local-kms", "id")
        with pytest.raises(SchemaRegistryError) as no_dek:
            other.register_dek(name, "s-value", OTHER)
        refused = [(each.value.http_status_code, each.value.error_code) for each in (no_kek, no_dek)]
        assert refused == [(409, 40971), (409, 40971)]
        assert other.get_dek(name, "s-value").encrypted_key_material == MATERIAL


def test_a_soft_deleted_key_is_read_by_who_asks_for_it(
    client: DekRegistryClient, registry: Registry, name: str
) -> None:
    client.register_kek(name, "local-kms", "id")
    client.register_dek(name, "s-value", MATERIAL)
    registry.ask("DELETE", f"{KEKS}/{name}/deks/s-value")
    registry.ask("DELETE", f"{KEKS}/{name}")
    with another_client(registry) as other:
        with pytest.raises(SchemaRegistryError) as refused:
            other.get_kek(name)
        assert (refused.value.http_status_code, refused.value.error_code) == (404, 40470)
        assert other.get_kek(name, deleted=True).deleted is True
        assert other.get_dek(name, "s-value", deleted=True).deleted is True


def test_a_client_in_a_context_names_the_subject_in_it(registry: Registry, name: str) -> None:
    with DekRegistryClient({"url": f"{registry.url}/contexts/.keys", "timeout": 10}) as inside:
        inside.register_kek(name, "local-kms", "id", context=".keys")
        dek = inside.register_dek(name, "s-value", MATERIAL)
        assert dek.subject == ":.keys:s-value"
        assert inside.get_kek(name, context=".keys").name == name
        assert inside.get_dek(name, "s-value").version == 1


@pytest.mark.parametrize("algorithm", [None, "AES128_GCM", "AES256_GCM", "AES256_SIV"])
def test_what_is_tagged_is_encrypted_on_the_way_and_decrypted_elsewhere(
    registry: Registry, name: str, algorithm: str | None
) -> None:
    with party(registry.url, secret=SECRET) as producer, party(registry.url, secret=SECRET) as consumer:
        producer.register(name, **rule(name), **({"encrypt_dek_algorithm": algorithm} if algorithm else {}))
        written = producer.write(name, RECORD)
        assert b"ada@" not in written
        assert b"pixels" not in written
        assert consumer.read(name, written) == RECORD
    kek = registry.ask("GET", f"{KEKS}/{name}").body
    assert (kek["kmsType"], kek["kmsKeyId"], kek["shared"]) == ("local-kms", "id", False)
    assert versions(registry, name, f"?algorithm={algorithm or 'AES256_GCM'}") == [1]


def test_another_process_decrypts_with_the_secret_and_only_with_it(registry: Registry, name: str) -> None:
    with party(registry.url, secret=SECRET) as producer:
        producer.register(name, **rule(name))
        written = producer.write(name, RECORD)

    def read(secret: str) -> subprocess.CompletedProcess[str]:
        module = "tests.support.encrypting"
        command = [sys.executable, "-m", module, registry.url, name, secret, written.hex()]
        return subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)

    assert read(SECRET).stdout == repr(RECORD)
    wrong = read("of somebody else")
    assert wrong.returncode == 1
    assert "failed to decrypt with all KEKs" in wrong.stderr


def test_producers_share_the_key_that_the_first_of_them_made(registry: Registry, name: str) -> None:
    with party(registry.url, secret=SECRET) as one, party(registry.url, secret=SECRET) as other:
        one.register(name, **rule(name))
        written = [one.write(name, RECORD), other.write(name, RECORD)]
        assert [other.read(name, written[0]), one.read(name, written[1])] == [RECORD, RECORD]
    assert versions(registry, name) == [1]


def test_a_key_that_is_too_old_is_followed_by_the_next_and_still_read(registry: Registry, name: str) -> None:
    clock, record = LaterClock(), {**RECORD, "picture": None}
    with party(registry.url, secret=SECRET, clock=clock) as producer, party(registry.url, secret=SECRET) as consumer:
        producer.register(name, **rule(name, encrypt_dek_expiry_days="1"))
        before = producer.write(name, record)
        assert versions(registry, name) == [1]
        clock.days = 2
        after = producer.write(name, record)
        assert versions(registry, name) == [1, 2]
        assert [consumer.read(name, each) for each in (before, after)] == [record, record]
        registry.ask("DELETE", f"{KEKS}/{name}/deks/{name}-value/versions/1")
        with party(registry.url, secret=SECRET) as later:
            assert later.read(name, before) == record


def test_a_key_that_is_gone_for_good_makes_its_records_unreadable(registry: Registry, name: str) -> None:
    with party(registry.url, secret=SECRET) as producer:
        producer.register(name, **rule(name))
        written = producer.write(name, RECORD)
    for query in ("", "?permanent=true"):
        registry.ask("DELETE", f"{KEKS}/{name}/deks/{name}-value{query}")
    with party(registry.url, secret=SECRET) as consumer, pytest.raises(SerializationError):
        consumer.read(name, written)


def test_clients_of_a_shared_kek_need_no_secret(tmp_path: Path) -> None:
    with running(Settings(home=tmp_path, registry_kms_secret=Secret("of the registry"))) as registry:
        name = make_kek(registry, kmsType="local-kms", kmsKeyId="id", shared=True)
        with party(registry.url) as producer, party(registry.url) as consumer:
            producer.register(name, **rule(name))
            written = producer.write(name, RECORD)
            assert b"ada@" not in written
            assert consumer.read(name, written) == RECORD


def test_field_encryption_goes_on_behind_basic_authentication(tmp_path: Path, name: str) -> None:
    settings = Settings(home=tmp_path, registry_username="me", registry_password=Secret("pw"))
    with running(settings) as registry:
        assert registry.ask("GET", KEKS).status == 401
        url = registry.url.replace("http://", "http://me:pw@")
        with party(url, secret=SECRET) as producer:
            producer.register(name, **rule(name))
            assert producer.read(name, producer.write(name, RECORD)) == RECORD
