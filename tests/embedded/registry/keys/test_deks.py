"""Data encryption keys: versions, algorithms, deletion, contexts."""

from __future__ import annotations

import time

import pytest

from tests.embedded.registry.keys.asking import (
    KEKS,
    MATERIAL,
    OTHER,
    code,
    dek,
    kek,
    make_dek,
    make_kek,
    unused,
    without_time,
)
from tests.support.registry import Registry


@pytest.fixture
def name(registry: Registry) -> str:
    return make_kek(registry)


def test_a_dek_is_made_and_read(registry: Registry, name: str) -> None:
    made = make_dek(registry, name, "s-value")
    assert without_time(made) == {
        "kekName": name,
        "subject": "s-value",
        "version": 1,
        "algorithm": "AES256_GCM",
        "encryptedKeyMaterial": MATERIAL,
    }
    for path in ("", "/versions/1", "/versions/latest", "/versions/-1"):
        assert registry.ask("GET", f"{KEKS}/{name}/deks/s-value{path}").body == made


def test_a_dek_is_made_where_the_subject_stands_in_the_request_alone(registry: Registry, name: str) -> None:
    made = registry.ask("POST", f"{KEKS}/{name}/deks", dek("a/b-value", algorithm="AES256_SIV"))
    assert made.status == 200
    assert registry.ask("GET", f"{KEKS}/{name}/deks/a%2Fb-value?algorithm=AES256_SIV").body == made.body


def test_a_dek_that_is_there_is_refused_be_it_the_same_or_another(registry: Registry, name: str) -> None:
    made = make_dek(registry, name, "s-value")
    for material in (MATERIAL, OTHER):
        again = registry.ask("POST", f"{KEKS}/{name}/deks/s-value", dek(encryptedKeyMaterial=material))
        assert code(again) == (409, 40971)
    assert registry.ask("GET", f"{KEKS}/{name}/deks/s-value").body == made


def test_every_algorithm_has_versions_of_its_own(registry: Registry, name: str) -> None:
    make_dek(registry, name, "s-value", algorithm="AES128_GCM", version=4)
    make_dek(registry, name, "s-value", algorithm="AES256_SIV")
    versions = f"{KEKS}/{name}/deks/s-value/versions"
    assert registry.ask("GET", f"{versions}?algorithm=AES128_GCM").body == [4]
    assert registry.ask("GET", f"{versions}?algorithm=AES256_SIV").body == [1]
    assert registry.ask("GET", versions).body == []
    assert code(registry.ask("GET", f"{versions}/1")) == (404, 40470)


def test_a_rotated_dek_keeps_its_earlier_versions(registry: Registry, name: str) -> None:
    for version in (1, 2, 3):
        make_dek(registry, name, "s-value", version=version)
    versions = f"{KEKS}/{name}/deks/s-value/versions"
    assert registry.ask("GET", versions).body == [1, 2, 3]
    assert registry.ask("GET", f"{versions}?offset=1&limit=1").body == [2]
    assert registry.ask("GET", f"{versions}/latest").body["version"] == 3
    assert registry.ask("GET", f"{KEKS}/{name}/deks/s-value").body["version"] == 1


def test_the_same_key_encrypted_anew_replaces_the_old_encryption(registry: Registry, name: str) -> None:
    make_dek(registry, name, "s-value")
    path = f"{KEKS}/{name}/deks/s-value"
    assert registry.ask("POST", f"{path}?rewrap=true", dek(encryptedKeyMaterial=OTHER)).status == 200
    assert registry.ask("GET", path).body["encryptedKeyMaterial"] == OTHER
    assert registry.ask("GET", f"{path}/versions").body == [1]


def test_subjects_are_listed_in_order_and_in_pages(registry: Registry, name: str) -> None:
    for subject in ("b-value", "a-value", "c-value"):
        make_dek(registry, name, subject)
    make_dek(registry, name, "a-value", version=2)
    registry.ask("DELETE", f"{KEKS}/{name}/deks/c-value")
    assert registry.ask("GET", f"{KEKS}/{name}/deks").body == ["a-value", "b-value"]
    assert registry.ask("GET", f"{KEKS}/{name}/deks?deleted=true").body == ["a-value", "b-value", "c-value"]
    assert registry.ask("GET", f"{KEKS}/{name}/deks?offset=1&limit=1").body == ["b-value"]


def test_a_version_is_deleted_softly_brought_back_and_deleted_for_good(registry: Registry, name: str) -> None:
    for version in (1, 2):
        make_dek(registry, name, "s-value", version=version)
    versions = f"{KEKS}/{name}/deks/s-value/versions"
    assert code(registry.ask("DELETE", f"{versions}/2?permanent=true")) == (404, 40471)
    assert registry.ask("DELETE", f"{versions}/2").status == 204
    assert registry.ask("DELETE", f"{versions}/2").status == 204
    assert registry.ask("GET", versions).body == [1]
    assert registry.ask("GET", f"{versions}?deleted=true").body == [1, 2]
    assert registry.ask("GET", f"{versions}/latest").body["version"] == 1
    assert registry.ask("GET", f"{versions}/2?deleted=true").body["deleted"] is True
    assert registry.ask("POST", f"{versions}/2/undelete").status == 204
    assert registry.ask("GET", versions).body == [1, 2]
    registry.ask("DELETE", f"{versions}/2")
    assert registry.ask("DELETE", f"{versions}/2?permanent=true").status == 204
    assert registry.ask("GET", f"{versions}?deleted=true").body == [1]
    assert code(registry.ask("POST", f"{versions}/2/undelete")) == (404, 40470)


def test_a_dek_that_is_deleted_or_brought_back_twice_is_changed_once(registry: Registry, name: str) -> None:
    make_dek(registry, name, "s-value")
    version = f"{KEKS}/{name}/deks/s-value/versions/1"
    for method, path in (("DELETE", version), ("POST", f"{version}/undelete")):
        registry.ask(method, path)
        changed = registry.ask("GET", f"{version}?deleted=true").body
        time.sleep(0.01)
        assert registry.ask(method, path).status == 204
        assert registry.ask("GET", f"{version}?deleted=true").body == changed


def test_all_versions_are_deleted_and_brought_back_together(registry: Registry, name: str) -> None:
    for version in (1, 2):
        make_dek(registry, name, "s-value", version=version)
    path = f"{KEKS}/{name}/deks/s-value"
    assert code(registry.ask("DELETE", f"{path}?permanent=true")) == (404, 40471)
    registry.ask("DELETE", f"{path}/versions/1")
    assert code(registry.ask("DELETE", f"{path}?permanent=true")) == (404, 40471)
    assert registry.ask("DELETE", path).status == 204
    assert registry.ask("GET", f"{path}/versions").body == []
    assert registry.ask("POST", f"{path}/undelete").status == 204
    assert registry.ask("GET", f"{path}/versions").body == [1, 2]
    registry.ask("DELETE", path)
    assert registry.ask("DELETE", f"{path}?permanent=true").status == 204
    assert code(registry.ask("DELETE", f"{path}?permanent=true")) == (404, 40470)


def test_making_a_soft_deleted_dek_again_brings_it_back_unless_it_differs(registry: Registry, name: str) -> None:
    make_dek(registry, name, "s-value")
    path = f"{KEKS}/{name}/deks/s-value"
    registry.ask("DELETE", path)
    assert code(registry.ask("GET", path)) == (404, 40470)
    assert code(registry.ask("POST", path, dek(encryptedKeyMaterial=OTHER))) == (409, 40971)
    assert registry.ask("POST", path, dek()).status == 200
    assert "deleted" not in registry.ask("GET", path).body


def test_a_dek_does_not_come_back_before_its_kek(registry: Registry, name: str) -> None:
    make_dek(registry, name, "s-value")
    path = f"{KEKS}/{name}/deks/s-value"
    registry.ask("DELETE", path)
    registry.ask("DELETE", f"{KEKS}/{name}")
    for undelete in (f"{path}/undelete", f"{path}/versions/1/undelete"):
        assert code(registry.ask("POST", undelete)) == (404, 40472)
    assert code(registry.ask("POST", path, dek())) == (404, 40470)
    assert code(registry.ask("GET", f"{KEKS}/{name}/deks")) == (404, 40470)
    assert registry.ask("GET", f"{path}?deleted=true").body["deleted"] is True
    registry.ask("POST", f"{KEKS}/{name}/undelete")
    assert registry.ask("POST", f"{path}/undelete").status == 204
    assert registry.ask("GET", path).status == 200


def test_a_dek_that_is_not_there_is_40470_wherever_it_is_asked_for(registry: Registry, name: str) -> None:
    calls = [
        ("GET", ""),
        ("DELETE", ""),
        ("POST", "/undelete"),
        ("GET", "/versions/1"),
        ("DELETE", "/versions/1"),
        ("POST", "/versions/1/undelete"),
    ]
    for method, path in calls:
        assert code(registry.ask(method, f"{KEKS}/{name}/deks/none-value{path}")) == (404, 40470), (method, path)
        assert code(registry.ask(method, f"{KEKS}/{unused()}/deks/none-value{path}")) == (404, 40470), (method, path)


def test_a_dek_without_a_kek_is_not_made(registry: Registry) -> None:
    assert code(registry.ask("POST", f"{KEKS}/{unused()}/deks/s-value", dek())) == (404, 40470)


def test_a_context_before_the_path_is_that_of_the_subject_and_not_of_the_kek(registry: Registry, name: str) -> None:
    inside = f"/contexts/.keys{KEKS}/{name}/deks/s-value"
    made = registry.ask("POST", inside, dek("s-value"))
    assert made.body["subject"] == ":.keys:s-value"
    assert registry.ask("GET", inside).body == made.body
    assert registry.ask("GET", f"{KEKS}/{name}/deks/:.keys:s-value").body == made.body
    assert registry.ask("GET", f"{inside}/versions").body == [1]
    assert code(registry.ask("GET", f"{KEKS}/{name}/deks/s-value")) == (404, 40470)
    assert name in registry.ask("GET", f"/contexts/.keys{KEKS}").body
    assert name in registry.ask("GET", f"/contexts/.keys{KEKS}?subjectPrefix=s-").body
    assert name not in registry.ask("GET", f"/contexts/.others{KEKS}?subjectPrefix=s-").body


def test_a_kek_is_the_same_in_every_context(registry: Registry) -> None:
    name = unused()
    assert registry.ask("POST", f"{KEKS}?context=.keys", kek(name)).status == 200
    assert registry.ask("GET", f"{KEKS}/{name}").status == 200
    assert registry.ask("GET", f"{KEKS}/{name}?context=.others").status == 200


def test_another_name_of_a_subject_leads_to_its_deks(registry: Registry, name: str) -> None:
    subject = f"{name}-value"
    registry.ask("PUT", f"/config/alias-of-{subject}", {"alias": subject})
    made = registry.ask("POST", f"{KEKS}/{name}/deks/alias-of-{subject}", dek())
    assert made.body["subject"] == subject
    assert registry.ask("GET", f"{KEKS}/{name}/deks/alias-of-{subject}/versions").body == [1]


def test_keys_are_taken_over_from_another_registry_as_soft_deleted_as_they_were(registry: Registry) -> None:
    name = unused()
    assert registry.ask("POST", KEKS, kek(name, deleted=True)).body["deleted"] is True
    path = f"{KEKS}/{name}/deks/s-value"
    assert registry.ask("POST", path, dek(deleted=True, version=3)).body["deleted"] is True
    assert code(registry.ask("GET", f"{path}/versions")) == (404, 40470)
    assert registry.ask("GET", f"{path}/versions?deleted=true").body == [3]
    registry.ask("POST", f"{KEKS}/{name}/undelete")
    registry.ask("POST", f"{path}/undelete")
    assert registry.ask("GET", f"{path}/versions").body == [3]
