"""Deleting versions and subjects, softly first and then for good."""

from __future__ import annotations

from confluent_kafka.schema_registry import SchemaReference

from tests.integration.registry.cases.case import Refused, Talk, case, record, unique, wider


def _two_versions(talk: Talk) -> str:
    subject, schema = talk.subject(), unique()
    talk.register(subject, schema)
    talk.register(subject, wider(schema))
    return subject


@case([1, [2], [1, 2]])
def a_version_that_is_deleted_softly_is_listed_only_on_request(talk: Talk) -> object:
    subject = _two_versions(talk)
    deleted = talk.client.delete_version(subject, 1)
    return [deleted, talk.client.get_versions(subject), talk.client.get_versions(subject, deleted=True)]


@case([1])
def deleted_versions_are_listed_alone(talk: Talk) -> object:
    subject = _two_versions(talk)
    talk.client.delete_version(subject, 1)
    return talk.client.get_versions(subject, deleted_only=True)


@case([Refused(404, 40402), 200])
def a_deleted_version_is_read_only_on_request(talk: Talk) -> object:
    subject = _two_versions(talk)
    talk.client.delete_version(subject, 1)
    path = f"/subjects/{subject}/versions/1"
    return [talk.refusal("GET", path), talk.ask("GET", f"{path}?deleted=true").status]


@case(200)
def a_schema_whose_versions_are_deleted_is_still_read_by_its_id(talk: Talk) -> object:
    subject = talk.subject()
    schema_id = talk.register(subject, unique())
    talk.client.delete_subject(subject)
    return talk.ask("GET", f"/schemas/ids/{schema_id}").status


@case(1)
def the_latest_version_is_the_latest_that_is_not_deleted(talk: Talk) -> object:
    subject = _two_versions(talk)
    talk.client.delete_version(subject, 2)
    return talk.client.get_latest_version(subject).version


@case(Refused(404, 40406))
def a_version_is_not_deleted_softly_twice(talk: Talk) -> object:
    subject = _two_versions(talk)
    talk.client.delete_version(subject, 1)
    return talk.refusal("DELETE", f"/subjects/{subject}/versions/1")


@case(Refused(404, 40407))
def a_version_is_not_deleted_for_good_at_once(talk: Talk) -> object:
    return talk.refusal("DELETE", f"/subjects/{_two_versions(talk)}/versions/1?permanent=true")


@case([1, [2]])
def a_version_is_deleted_for_good(talk: Talk) -> object:
    subject = _two_versions(talk)
    talk.client.delete_version(subject, 1)
    deleted = talk.ask("DELETE", f"/subjects/{subject}/versions/1?permanent=true").body
    return [deleted, talk.client.get_versions(subject, deleted=True)]


@case([[1, 2], False, True])
def a_subject_that_is_deleted_softly_is_listed_only_on_request(talk: Talk) -> object:
    subject = _two_versions(talk)
    versions = talk.client.delete_subject(subject)
    return [versions, subject in talk.client.get_subjects(), subject in talk.client.get_subjects(deleted=True)]


@case(Refused(404, 40404))
def a_subject_is_not_deleted_softly_twice(talk: Talk) -> object:
    subject = _two_versions(talk)
    talk.client.delete_subject(subject)
    return talk.refusal("DELETE", f"/subjects/{subject}")


@case(Refused(404, 40405))
def a_subject_is_not_deleted_for_good_at_once(talk: Talk) -> object:
    return talk.refusal("DELETE", f"/subjects/{_two_versions(talk)}?permanent=true")


@case([[1, 2], False])
def a_subject_is_deleted_for_good(talk: Talk) -> object:
    subject = _two_versions(talk)
    talk.client.delete_subject(subject)
    versions = talk.client.delete_subject(subject, permanent=True)
    return [versions, subject in talk.client.get_subjects(deleted=True)]


@case(Refused(404, 40401))
def an_unknown_subject_is_not_deleted(talk: Talk) -> object:
    return talk.refusal("DELETE", f"/subjects/{talk.subject()}")


@case(Refused(404, 40402))
def an_unknown_version_is_not_deleted(talk: Talk) -> object:
    return talk.refusal("DELETE", f"/subjects/{_two_versions(talk)}/versions/9")


@case(Refused(422, 42206))
def what_another_schema_refers_to_is_not_deleted(talk: Talk) -> object:
    inner = talk.subject()
    talk.register(inner, record("a", name="Inner"))
    schema = {**unique(), "fields": [{"name": "i", "type": "Inner"}]}
    talk.register(talk.subject(), schema, references=[SchemaReference("test.Inner", inner, 1)])
    return talk.refusal("DELETE", f"/subjects/{inner}/versions/1")


@case([True, [2]])
def a_schema_that_comes_back_is_a_new_version_with_its_old_id(talk: Talk) -> object:
    subject, schema = talk.subject(), unique()
    before = talk.ask_id(subject, schema)
    talk.client.delete_subject(subject)
    return [talk.ask_id(subject, schema) == before, talk.client.get_versions(subject)]
