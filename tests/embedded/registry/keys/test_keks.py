"""Key encryption keys: made, read, changed, deleted and brought back."""

from __future__ import annotations

from typing import Any

import pytest

from tests.embedded.registry.keys.asking import KEKS, code, kek, make_dek, make_kek, unused, without_time
from tests.support.registry import Registry


def ask(registry: Registry, method: str, path: str, body: object = None) -> tuple[int, int]:
    return code(registry.ask(method, f"{KEKS}{path}", body))


def test_a_kek_is_made_and_read(registry: Registry) -> None:
    name = unused()
    wanted = kek(name, kmsProps={"region": "eu"}, doc="for orders", shared=False)
    made = registry.ask("POST", KEKS, wanted)
    assert made.status == 200
    assert without_time(made.body) == wanted
    assert registry.ask("GET", f"{KEKS}/{name}").body == made.body


def test_a_kek_is_answered_with_properties_and_without_a_description_when_it_has_none(registry: Registry) -> None:
    name = unused()
    body = without_time(registry.ask("POST", KEKS, kek(name)).body)
    assert body == {**kek(name), "kmsProps": {}, "shared": False}


@pytest.mark.parametrize("fields", [{}, {"doc": "another"}, {"kmsKeyId": "another"}])
def test_a_kek_that_is_there_is_refused_be_it_the_same_or_another(registry: Registry, fields: dict[str, str]) -> None:
    name = make_kek(registry)
    assert ask(registry, "POST", "", kek(name, **fields)) == (409, 40971)
    assert without_time(registry.ask("GET", f"{KEKS}/{name}").body) == {**kek(name), "kmsProps": {}, "shared": False}


@pytest.mark.parametrize(
    ("given", "kept"), [("AWS", "aws-kms"), ("azurekms", "azure-kms"), ("gcp-kms", "gcp-kms"), ("hcvault", "hcvault")]
)
def test_the_types_of_the_great_clouds_have_one_spelling(registry: Registry, given: str, kept: str) -> None:
    name = make_kek(registry, kmsType=given)
    assert registry.ask("GET", f"{KEKS}/{name}").body["kmsType"] == kept


def test_a_change_keeps_what_it_does_not_name(registry: Registry) -> None:
    name = make_kek(registry, kmsProps={"region": "eu"}, doc="before")
    changed = registry.ask("PUT", f"{KEKS}/{name}", {"doc": "after"}).body
    assert (changed["doc"], changed["kmsProps"], changed["shared"]) == ("after", {"region": "eu"}, False)
    changed = registry.ask("PUT", f"{KEKS}/{name}", {"doc": None, "kmsProps": {"region": "us"}}).body
    assert "doc" not in changed
    assert changed["kmsProps"] == {"region": "us"}
    assert registry.ask("GET", f"{KEKS}/{name}").body == changed
    cleared = registry.ask("PUT", f"{KEKS}/{name}", {"kmsProps": None}).body
    assert cleared["kmsProps"] == {}


def test_a_change_to_what_is_there_already_writes_nothing(registry: Registry) -> None:
    name = make_kek(registry, doc="same")
    before = registry.ask("GET", f"{KEKS}/{name}").body
    assert registry.ask("PUT", f"{KEKS}/{name}", {"doc": "same"}).body == before


def test_a_kek_that_is_not_there_is_40470_wherever_it_is_asked_for(registry: Registry) -> None:
    name = unused()
    calls = [("GET", ""), ("PUT", ""), ("DELETE", ""), ("POST", "/undelete"), ("POST", "/test"), ("GET", "/deks")]
    for method, path in calls:
        body: object = {} if method == "PUT" else None
        assert ask(registry, method, f"/{name}{path}", body) == (404, 40470), (method, path)


def test_a_kek_is_deleted_softly_then_for_good(registry: Registry) -> None:
    name = make_kek(registry)
    assert ask(registry, "DELETE", f"/{name}?permanent=true") == (404, 40471)
    assert registry.ask("DELETE", f"{KEKS}/{name}").status == 204
    assert ask(registry, "GET", f"/{name}") == (404, 40470)
    assert ask(registry, "PUT", f"/{name}", {"doc": "x"}) == (404, 40470)
    assert registry.ask("GET", f"{KEKS}/{name}?deleted=true").body["deleted"] is True
    assert registry.ask("DELETE", f"{KEKS}/{name}").status == 204
    assert registry.ask("DELETE", f"{KEKS}/{name}?permanent=true").status == 204
    assert ask(registry, "GET", f"/{name}?deleted=true") == (404, 40470)
    assert ask(registry, "DELETE", f"/{name}?permanent=true") == (404, 40470)


def test_a_soft_deleted_kek_is_brought_back(registry: Registry) -> None:
    name = make_kek(registry, doc="kept")
    registry.ask("DELETE", f"{KEKS}/{name}")
    assert registry.ask("POST", f"{KEKS}/{name}/undelete").status == 204
    back = registry.ask("GET", f"{KEKS}/{name}").body
    assert (back["doc"], "deleted" in back) == ("kept", False)
    assert registry.ask("POST", f"{KEKS}/{name}/undelete").status == 204


def test_making_a_soft_deleted_kek_again_brings_it_back_unless_it_differs(registry: Registry) -> None:
    name = make_kek(registry)
    registry.ask("DELETE", f"{KEKS}/{name}")
    assert ask(registry, "POST", "", kek(name, kmsKeyId="another")) == (409, 40971)
    assert registry.ask("POST", KEKS, kek(name)).status == 200
    assert registry.ask("GET", f"{KEKS}/{name}").status == 200


def test_a_kek_with_deks_is_not_deleted(registry: Registry) -> None:
    name = make_kek(registry)
    make_dek(registry, name, "s-value")
    assert ask(registry, "DELETE", f"/{name}") == (422, 42272)
    assert ask(registry, "POST", "", kek(name, deleted=True)) == (422, 42272)
    registry.ask("DELETE", f"{KEKS}/{name}/deks/s-value")
    assert registry.ask("DELETE", f"{KEKS}/{name}").status == 204
    assert ask(registry, "DELETE", f"/{name}?permanent=true") == (422, 42272)
    registry.ask("DELETE", f"{KEKS}/{name}/deks/s-value?permanent=true")
    assert registry.ask("DELETE", f"{KEKS}/{name}?permanent=true").status == 204


def test_keks_are_listed_in_order_and_in_pages(own_registry: Registry) -> None:
    for name in ("b", "c", "a"):
        own_registry.ask("POST", KEKS, kek(name))
    own_registry.ask("DELETE", f"{KEKS}/b")

    def listed(query: str) -> Any:
        return own_registry.ask("GET", f"{KEKS}?{query}").body

    assert listed("") == ["a", "c"]
    assert listed("deleted=true") == ["a", "b", "c"]
    assert listed("deleted=true&offset=1&limit=1") == ["b"]
    assert listed("limit=-1") == ["a", "c"]


def test_keks_are_listed_by_the_subjects_that_they_encrypt(own_registry: Registry) -> None:
    for name in ("one", "other", "unused"):
        own_registry.ask("POST", KEKS, kek(name))
    make_dek(own_registry, "one", "orders-value")
    make_dek(own_registry, "other", "orders-value")
    make_dek(own_registry, "other", "users-value")

    def listed(query: str) -> Any:
        return own_registry.ask("GET", f"{KEKS}?{query}").body

    assert listed("subjectPrefix=orders") == ["one", "other"]
    assert listed("subjectPrefix=users") == ["other"]
    assert listed("subjectPrefix=users&subjectPrefix=orders") == ["one", "other"]
    assert listed("subjectPrefix=orders&offset=1&limit=1") == ["other"]
    assert listed("subjectPrefix=none") == []
    own_registry.ask("DELETE", f"{KEKS}/other/deks/users-value")
    assert listed("subjectPrefix=users") == []
    assert listed("subjectPrefix=users&deleted=true") == ["other"]


def test_credentials_of_a_kms_are_kept_and_never_told(registry: Registry) -> None:
    name = unused()
    given = kek(name, kmsProps={"region": "eu", "secret.access.key": "hush", "secret": "hush"})
    answers = [registry.ask("POST", KEKS, given), registry.ask("GET", f"{KEKS}/{name}")]
    answers.append(registry.ask("PUT", f"{KEKS}/{name}", {"kmsProps": {"region": "us"}}))
    assert [each.body["kmsProps"] for each in answers] == [{"region": "eu"}, {"region": "eu"}, {"region": "us"}]
    registry.ask("DELETE", f"{KEKS}/{name}")
    # It is the same only with the credentials, which the change has kept.
    assert ask(registry, "POST", "", kek(name, kmsProps={"region": "us"})) == (409, 40971)
    kept = kek(name, kmsProps={**given["kmsProps"], "region": "us"})
    assert registry.ask("POST", KEKS, kept).status == 200
