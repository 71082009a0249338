"""The keys of field encryption: registered, rotated, deleted, and used by serializers."""

from __future__ import annotations

import base64
import contextlib
import uuid
from collections.abc import Iterator
from typing import Any, Final

from confluent_kafka.schema_registry.rules.encryption.dek_registry.dek_registry_client import DekRegistryClient

from tests.integration.registry.cases.case import Refused, Talk, case
from tests.support.encrypting import party, use_local_kms

_KEKS: Final = "/dek-registry/v1/keks"
_MATERIAL: Final = base64.b64encode(b"encrypted by somebody").decode()
_OTHER: Final = base64.b64encode(b"encrypted by somebody anew").decode()


@contextlib.contextmanager
def _client(talk: Talk) -> Iterator[DekRegistryClient]:
    with DekRegistryClient({"url": talk.registry.url, "timeout": 10, "max.retries": 0}) as client:
        yield client


def _kek(talk: Talk, name: str = "", **fields: Any) -> str:
    name = name or talk.kek()
    with _client(talk) as client:
        client.register_kek(name, "aws-kms", "arn", **fields)
    return name


def _dek(talk: Talk, kek: str, **fields: Any) -> str:
    subject = talk.subject()
    with _client(talk) as client:
        client.register_dek(kek, subject, _MATERIAL, **fields)
    return subject


def _status(talk: Talk, method: str, path: str) -> int:
    return talk.ask(method, f"{_KEKS}/{path}").status


@case(["aws-kms", "arn", False, {"region": "eu"}])
def a_kek_is_registered_and_read(talk: Talk) -> object:
    name = _kek(talk, kms_props={"region": "eu"})
    with _client(talk) as client:
        found = client.get_kek(name)
    assert found.kms_props is not None
    return [found.kms_type, found.kms_key_id, found.shared, found.kms_props.to_dict()]


@case(Refused(409, 40971))
def a_kek_that_is_there_is_a_conflict(talk: Talk) -> object:
    return _kek(talk, _kek(talk))


@case(Refused(404, 40470))
def an_unknown_kek_is_not_found(talk: Talk) -> object:
    with _client(talk) as client:
        return client.get_kek(talk.kek())


@case(Refused(422, 42271))
def a_name_that_no_kek_may_have_is_refused(talk: Talk) -> object:
    return talk.refusal("POST", _KEKS, {"name": "1st", "kmsType": "aws-kms", "kmsKeyId": "arn"})


@case(["after", {"region": "eu"}])
def a_kek_is_changed(talk: Talk) -> object:
    name = _kek(talk, kms_props={"region": "eu"}, doc="before")
    changed = talk.ask("PUT", f"{_KEKS}/{name}", {"doc": "after"}).body
    return [changed["doc"], changed["kmsProps"]]


@case([204, 404, 200, 204, 200])
def a_deleted_kek_comes_back(talk: Talk) -> object:
    name = _kek(talk)
    calls = [("DELETE", ""), ("GET", ""), ("GET", "?deleted=true"), ("POST", "/undelete"), ("GET", "")]
    return [_status(talk, method, f"{name}{after}") for method, after in calls]


@case(Refused(404, 40471))
def a_kek_is_not_deleted_for_good_at_once(talk: Talk) -> object:
    return talk.refusal("DELETE", f"{_KEKS}/{_kek(talk)}?permanent=true")


@case(Refused(422, 42272))
def a_kek_with_deks_is_not_deleted(talk: Talk) -> object:
    name = _kek(talk)
    _dek(talk, name)
    return talk.refusal("DELETE", f"{_KEKS}/{name}")


@case([True, []])
def keks_are_listed_by_the_prefix_of_their_subjects(talk: Talk) -> object:
    name = _kek(talk)
    subject = _dek(talk, name)
    prefixes = (subject, uuid.uuid4().hex)
    found, none = (talk.ask("GET", f"{_KEKS}?subjectPrefix={prefix}").body for prefix in prefixes)
    return [found == [name], none]


@case([1, "AES256_GCM", _MATERIAL, None])
def a_dek_is_registered_and_read(talk: Talk) -> object:
    name = _kek(talk)
    subject = _dek(talk, name)
    with _client(talk) as client:
        found = client.get_dek(name, subject)
    return [found.version, found.algorithm, found.encrypted_key_material, found.key_material]


@case(Refused(409, 40971))
def a_dek_that_is_there_is_a_conflict(talk: Talk) -> object:
    name = _kek(talk)
    path = f"{_KEKS}/{name}/deks/{_dek(talk, name)}"
    return talk.refusal("POST", path, {"encryptedKeyMaterial": _OTHER})


@case(Refused(422, 42271))
def a_dek_without_material_needs_a_shared_kek(talk: Talk) -> object:
    return talk.refusal("POST", f"{_KEKS}/{_kek(talk)}/deks/{talk.subject()}", {})


@case([2, [1, 2], [2]])
def a_rotated_dek_has_versions(talk: Talk) -> object:
    name = _kek(talk)
    subject = _dek(talk, name)
    with _client(talk) as client:
        client.register_dek(name, subject, _OTHER, version=2)
        latest = client.get_dek(name, subject, version=-1)
    versions = f"{_KEKS}/{name}/deks/{subject}/versions"
    return [latest.version, talk.ask("GET", versions).body, talk.ask("GET", f"{versions}?offset=1&limit=1").body]


@case([200, _OTHER])
def a_dek_is_encrypted_anew(talk: Talk) -> object:
    name = _kek(talk)
    path = f"{_KEKS}/{name}/deks/{_dek(talk, name)}"
    answer = talk.ask("POST", f"{path}?rewrap=true", {"encryptedKeyMaterial": _OTHER})
    return [answer.status, talk.ask("GET", path).body["encryptedKeyMaterial"]]


@case([204, [], [1], 204, [1]])
def a_deleted_dek_comes_back(talk: Talk) -> object:
    name = _kek(talk)
    path = f"{name}/deks/{_dek(talk, name)}"
    versions = f"{_KEKS}/{path}/versions"
    deleted = _status(talk, "DELETE", path)
    listed = [talk.ask("GET", f"{versions}{query}").body for query in ("", "?deleted=true")]
    return [deleted, *listed, _status(talk, "POST", f"{path}/undelete"), talk.ask("GET", versions).body]


@case(Refused(404, 40472))
def a_dek_comes_back_after_its_kek(talk: Talk) -> object:
    name = _kek(talk)
    path = f"{name}/deks/{_dek(talk, name)}"
    _status(talk, "DELETE", path)
    _status(talk, "DELETE", name)
    return talk.refusal("POST", f"{_KEKS}/{path}/undelete")


@case(Refused(422, 42202))
def a_version_that_no_dek_may_have_is_refused(talk: Talk) -> object:
    return talk.refusal("GET", f"{_KEKS}/{_kek(talk)}/deks/{talk.subject()}/versions/0")


@case([False, True])
def what_is_tagged_is_encrypted_on_the_way(talk: Talk) -> object:
    use_local_kms()
    topic, name = f"case-{uuid.uuid4().hex}", talk.kek()
    talk.subject(topic=topic)
    record = {"id": 7, "email": "ada@example.org", "picture": None}
    with party(talk.registry.url, secret="case") as writer, party(talk.registry.url, secret="case") as reader:
        writer.register(topic, encrypt_kek_name=name, encrypt_kms_type="local-kms", encrypt_kms_key_id="id")
        written = writer.write(topic, record)
        return [b"ada@" in written, reader.read(topic, written) == record]
