"""Reading what was registered."""

from __future__ import annotations

import json

from tests.integration.registry.cases.case import Refused, Talk, avro, case, unique, wider


@case([True, True, 1, True])
def a_version_is_read_with_its_id_and_schema(talk: Talk) -> object:
    subject, schema = talk.subject(), unique()
    schema_id = talk.register(subject, schema)
    held = talk.client.get_version(subject, 1)
    same = json.loads(str(held.schema.schema_str)) == schema
    return [held.subject == subject, held.schema_id == schema_id, held.version, same]


@case([2, True])
def the_latest_version_is_read(talk: Talk) -> object:
    subject, schema = talk.subject(), unique()
    talk.register(subject, schema)
    newest = talk.register(subject, wider(schema))
    held = talk.client.get_latest_version(subject)
    return [held.version, held.schema_id == newest]


@case(True)
def a_schema_is_read_by_its_id(talk: Talk) -> object:
    schema = unique()
    schema_id = talk.register(talk.subject(), schema)
    text = talk.ask("GET", f"/schemas/ids/{schema_id}").body["schema"]
    return json.loads(text) == schema


@case(True)
def a_schemas_text_alone_is_read_by_its_id(talk: Talk) -> object:
    schema = unique()
    schema_id = talk.register(talk.subject(), schema)
    return talk.ask("GET", f"/schemas/ids/{schema_id}/schema").body == schema


@case(True)
def a_schemas_text_alone_is_read_by_its_version(talk: Talk) -> object:
    subject, schema = talk.subject(), unique()
    talk.register(subject, schema)
    return talk.ask("GET", f"/subjects/{subject}/versions/1/schema").body == schema


@case([1, True])
def a_schema_is_looked_up(talk: Talk) -> object:
    subject, schema = talk.subject(), unique()
    schema_id = talk.register(subject, schema)
    talk.register(subject, wider(schema))
    found = talk.client.lookup_schema(subject, avro(schema))
    return [found.version, found.schema_id == schema_id]


@case(Refused(404, 40403))
def an_unknown_schema_is_not_found_by_looking_it_up(talk: Talk) -> object:
    subject, schema = talk.subject(), unique()
    talk.register(subject, schema)
    return talk.client.lookup_schema(subject, avro(unique()))


@case(Refused(404, 40401))
def a_look_up_under_an_unknown_subject_is_not_found(talk: Talk) -> object:
    return talk.client.lookup_schema(talk.subject(), avro(unique()))


@case(Refused(404, 40401))
def an_unknown_subject_has_no_versions(talk: Talk) -> object:
    return talk.client.get_versions(talk.subject())


@case(Refused(404, 40401))
def an_unknown_subject_has_no_latest_version(talk: Talk) -> object:
    return talk.client.get_latest_version(talk.subject())


@case(Refused(404, 40402))
def an_unknown_version_is_not_found(talk: Talk) -> object:
    subject = talk.subject()
    talk.register(subject, unique())
    return talk.client.get_version(subject, 9)


@case([Refused(422, 42202), Refused(422, 42202)])
def what_is_no_version_is_refused(talk: Talk) -> object:
    subject = talk.subject()
    talk.register(subject, unique())
    return [talk.refusal("GET", f"/subjects/{subject}/versions/{text}") for text in ("newest", "0")]


@case(Refused(404, 40403))
def an_unknown_id_is_not_found(talk: Talk) -> object:
    return talk.client.get_schema(2_000_000_000)


@case([True, True])
def subjects_are_listed_and_filtered_by_prefix(talk: Talk) -> object:
    subjects = [talk.subject() for _ in range(2)]
    for subject in subjects:
        talk.register(subject, unique())
    return [
        set(subjects) <= set(talk.client.get_subjects()),
        talk.client.get_subjects(subject_prefix=subjects[0]) == subjects[:1],
    ]


@case(True)
def the_subjects_of_an_id_are_read(talk: Talk) -> object:
    subjects, schema = [talk.subject() for _ in range(2)], unique()
    ids = [talk.register(subject, schema) for subject in subjects]
    return sorted(talk.client.get_subjects_by_schema_id(ids[0])) == sorted(subjects)


@case([1])
def the_versions_of_an_id_are_read(talk: Talk) -> object:
    subject = talk.subject()
    found = talk.client.get_schema_versions(talk.register(subject, unique()))
    return [each.version for each in found if each.subject == subject]


@case([1, 2])
def schemas_are_listed_by_the_prefix_of_their_subject(talk: Talk) -> object:
    subject, schema = talk.subject(), unique()
    talk.register(subject, schema)
    talk.register(subject, wider(schema))
    answer = talk.ask("GET", f"/schemas?subjectPrefix={subject}")
    return [each["version"] for each in answer.body] if answer.status == 200 else answer.status


@case([1])
def versions_are_listed_in_pages(talk: Talk) -> object:
    subject, schema = talk.subject(), unique()
    talk.register(subject, schema)
    talk.register(subject, wider(schema))
    return talk.ask("GET", f"/subjects/{subject}/versions?offset=0&limit=1").body
