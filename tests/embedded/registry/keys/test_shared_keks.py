"""Shared KEKs: the registry itself has DEKs encrypted, and gives their clients the keys."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hangarstack.settings import Secret, Settings
from tests.embedded.registry.keys.asking import KEKS, MATERIAL, code, dek, kek, make_kek, unused
from tests.support.registry import Registry, running


@pytest.fixture(scope="module")
def knowing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    """A registry with a secret for local-kms."""
    home = tmp_path_factory.mktemp("knowing")
    with running(Settings(home=home, registry_kms_secret=Secret("of the server"))) as started:
        yield started


def shared(registry: Registry, **fields: Any) -> str:
    return make_kek(registry, kmsType="local-kms", kmsKeyId="id", shared=True, **fields)


def test_a_dek_without_material_is_made_by_the_registry(knowing: Registry) -> None:
    path = f"{KEKS}/{shared(knowing)}/deks/s-value"
    made = knowing.ask("POST", path, {}).body
    assert base64.b64decode(made["keyMaterial"])[:2] == b"\x1a\x20"
    assert made["keyMaterial"] not in made["encryptedKeyMaterial"]
    for found in (path, f"{path}/versions/1", f"{path}/versions/latest"):
        assert knowing.ask("GET", found).body == made


def test_the_key_itself_is_not_in_the_registrys_file(tmp_path: Path) -> None:
    with running(Settings(home=tmp_path, registry_kms_secret=Secret("of the server"))) as registry:
        made = registry.ask("POST", f"{KEKS}/{shared(registry)}/deks/s-value", {}).body
        written = b"".join(each.read_bytes() for each in (tmp_path / "registry").iterdir())
    assert made["encryptedKeyMaterial"].encode() in written
    assert made["keyMaterial"].encode() not in written
    assert base64.b64decode(made["keyMaterial"]) not in written


def test_a_kek_that_becomes_shared_gives_the_keys_that_its_clients_encrypted(knowing: Registry) -> None:
    first = shared(knowing)
    made = knowing.ask("POST", f"{KEKS}/{first}/deks/s-value", {}).body
    second = make_kek(knowing, kmsType="local-kms", kmsKeyId="id")
    path = f"{KEKS}/{second}/deks/s-value"
    material = made["encryptedKeyMaterial"]
    assert "keyMaterial" not in knowing.ask("POST", path, dek(encryptedKeyMaterial=material)).body
    knowing.ask("PUT", f"{KEKS}/{second}", {"shared": True})
    assert knowing.ask("GET", path).body["keyMaterial"] == made["keyMaterial"]


def test_material_that_is_no_base64_is_not_read_as_what_is_left_without_the_rest(knowing: Registry) -> None:
    made = knowing.ask("POST", f"{KEKS}/{shared(knowing)}/deks/s-value", {}).body["encryptedKeyMaterial"]
    name = make_kek(knowing, kmsType="local-kms", kmsKeyId="id")
    path = f"{KEKS}/{name}/deks/s-value"
    assert knowing.ask("POST", path, dek(encryptedKeyMaterial=f"{made[:4]}!{made[4:]}")).status == 200
    knowing.ask("PUT", f"{KEKS}/{name}", {"shared": True})
    assert code(knowing.ask("GET", path)) == (500, 50070)


def test_a_key_brings_a_secret_of_its_own(registry: Registry) -> None:
    name = shared(registry, kmsProps={"secret": "of the key"})
    assert "keyMaterial" in registry.ask("POST", f"{KEKS}/{name}/deks/s-value", {}).body
    assert registry.ask("GET", f"{KEKS}/{name}").body["kmsProps"] == {}


def test_rewrapping_encrypts_the_same_key_anew(knowing: Registry) -> None:
    path = f"{KEKS}/{shared(knowing)}/deks/s-value"
    before = knowing.ask("POST", path, {}).body
    after = knowing.ask("POST", f"{path}?rewrap=true", {}).body
    assert after["keyMaterial"] == before["keyMaterial"]
    assert after["encryptedKeyMaterial"] != before["encryptedKeyMaterial"]
    assert code(knowing.ask("POST", f"{path}?rewrap=true", dek())) == (409, 40971)


def test_a_kms_that_the_registry_cannot_call_is_50070_and_nothing_is_kept(registry: Registry) -> None:
    name = make_kek(registry, shared=True)
    path = f"{KEKS}/{name}/deks/s-value"
    for body in ({}, dek()):
        assert code(registry.ask("POST", path, body)) == (500, 50070)
    assert registry.ask("GET", f"{KEKS}/{name}/deks?deleted=true").body == []
    assert code(registry.ask("POST", f"{KEKS}/{name}/test")) == (500, 50070)


def test_a_registry_without_a_secret_says_so(registry: Registry) -> None:
    answer = registry.ask("POST", f"{KEKS}/{shared(registry)}/deks/s-value", {})
    assert code(answer) == (500, 50070)
    assert answer.body["message"].endswith("cannot load secret")


def test_material_that_another_secret_encrypted_is_not_kept(knowing: Registry) -> None:
    name = shared(knowing)
    path = f"{KEKS}/{name}/deks/s-value"
    assert code(knowing.ask("POST", path, dek())) == (500, 50070)
    assert knowing.ask("POST", path, {}).status == 200


def test_deks_of_a_kms_that_is_out_of_reach_are_still_deleted(registry: Registry) -> None:
    name = make_kek(registry)
    path = f"{KEKS}/{name}/deks/s-value"
    registry.ask("POST", path, dek())
    registry.ask("PUT", f"{KEKS}/{name}", {"shared": True})
    assert code(registry.ask("GET", path)) == (500, 50070)
    assert registry.ask("DELETE", path).status == 204
    assert registry.ask("DELETE", f"{path}?permanent=true").status == 204


def test_a_shared_kek_is_tried(knowing: Registry) -> None:
    name = shared(knowing)
    tried = knowing.ask("POST", f"{KEKS}/{name}/test")
    assert tried.body == knowing.ask("GET", f"{KEKS}/{name}").body
    assert knowing.ask("GET", f"{KEKS}/{name}/deks").body == []
    assert code(knowing.ask("POST", f"{KEKS}/{make_kek(knowing)}/test")) == (422, 42271)


def test_a_kek_is_tried_before_it_is_kept_or_changed(knowing: Registry) -> None:
    name = unused()
    tried = f"{KEKS}?testSharing=true"
    assert code(knowing.ask("POST", tried, kek(name, shared=True))) == (500, 50070)
    assert code(knowing.ask("GET", f"{KEKS}/{name}")) == (404, 40470)
    assert knowing.ask("POST", tried, kek(name)).status == 200
    assert code(knowing.ask("PUT", f"{KEKS}/{name}?testSharing=true", {"shared": True})) == (500, 50070)
    assert knowing.ask("GET", f"{KEKS}/{name}").body["shared"] is False
    assert knowing.ask("PUT", f"{KEKS}/{name}", {"shared": True}).status == 200


def test_a_copy_from_another_registry_is_not_told_the_key(knowing: Registry) -> None:
    name = shared(knowing)
    subject = f"{name}-value"
    knowing.ask("PUT", f"/mode/{subject}", {"mode": "IMPORT"})
    path = f"{KEKS}/{name}/deks/{subject}"
    assert "keyMaterial" not in knowing.ask("POST", path, {}).body
    assert "keyMaterial" in knowing.ask("GET", path).body


def test_a_dek_without_material_needs_a_shared_kek(registry: Registry) -> None:
    answer = registry.ask("POST", f"{KEKS}/{make_kek(registry)}/deks/s-value", {})
    assert code(answer) == (422, 42271)
    assert answer.body["message"] == "Invalid or missing value for field 'encryptedKeyMaterial' of key"
    assert MATERIAL not in str(answer.body)
