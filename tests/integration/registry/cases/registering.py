"""Registering schemas."""

from __future__ import annotations

import json

from confluent_kafka.schema_registry import Schema, SchemaReference

from tests.integration.registry.cases.case import Refused, Talk, breaking, case, record, unique, wider


@case([True, [1]])
def registering_again_gives_the_same_id_and_no_new_version(talk: Talk) -> object:
    subject, schema = talk.subject(), unique()
    ids = {talk.register(subject, schema), talk.ask_id(subject, schema)}
    return [len(ids) == 1, talk.client.get_versions(subject)]


@case([True, [1]])
def white_space_makes_no_other_schema(talk: Talk) -> object:
    subject, schema = talk.subject(), unique()
    texts = [json.dumps(schema), json.dumps(schema, indent=2)]
    ids = {talk.client.register_schema(subject, Schema(text, "AVRO")) for text in texts}
    return [len(ids) == 1, talk.client.get_versions(subject)]


@case(True)
def a_schema_has_one_id_in_all_subjects(talk: Talk) -> object:
    schema = unique()
    return len({talk.register(talk.subject(), schema) for _ in range(2)}) == 1


@case([1, 2])
def another_schema_is_the_next_version(talk: Talk) -> object:
    subject, schema = talk.subject(), unique()
    talk.register(subject, schema)
    talk.register(subject, wider(schema))
    return talk.client.get_versions(subject)


@case(True)
def ids_grow(talk: Talk) -> object:
    subject, schema = talk.subject(), unique()
    return talk.register(subject, schema) < talk.register(subject, wider(schema))


@case([Refused(409, 409), [1]])
def a_breaking_schema_is_refused(talk: Talk) -> object:
    subject, schema = talk.subject(), unique()
    talk.client.set_compatibility(subject, "BACKWARD")
    talk.register(subject, schema)
    return [talk.posted(subject, breaking(schema)), talk.client.get_versions(subject)]


@case([1, 2])
def a_subject_without_a_level_takes_any_schema(talk: Talk) -> object:
    subject, schema = talk.subject(), unique()
    talk.client.set_compatibility(subject, "NONE")
    talk.register(subject, schema)
    talk.register(subject, breaking(schema))
    return talk.client.get_versions(subject)


@case(Refused(422, 42201))
def what_is_no_json_is_refused(talk: Talk) -> object:
    return talk.refusal("POST", f"/subjects/{talk.subject()}/versions", {"schema": "{"})


@case(Refused(422, 42201))
def what_is_no_avro_is_refused(talk: Talk) -> object:
    return talk.posted(talk.subject(), {"type": "record", "name": "R", "fields": [{"name": "a", "type": "nothing"}]})


@case(Refused(422, 42201))
def an_empty_schema_is_refused(talk: Talk) -> object:
    return talk.refusal("POST", f"/subjects/{talk.subject()}/versions", {"schema": ""})


@case(Refused(422, 42201))
def a_default_of_another_type_is_refused(talk: Talk) -> object:
    return talk.posted(talk.subject(), record({"name": "a", "type": "int", "default": "text"}))


@case(Refused(422, 42201))
def a_schema_type_that_nobody_knows_is_refused(talk: Talk) -> object:
    return talk.posted(talk.subject(), unique(), schemaType="XML")


@case(Refused(200, -1))
def json_schema_is_taken(talk: Talk) -> object:
    return talk.posted(talk.subject(), {"type": "object"}, schemaType="JSON")


@case(Refused(200, -1))
def protobuf_is_taken(talk: Talk) -> object:
    text = 'syntax = "proto3"; message A { int32 a = 1; }'
    body = {"schema": text, "schemaType": "PROTOBUF"}
    return talk.refusal("POST", f"/subjects/{talk.subject()}/versions", body)


@case([[["test.Inner", 1]], True])
def references_are_kept(talk: Talk) -> object:
    inner, outer = talk.subject(), talk.subject()
    talk.register(inner, record("a", name="Inner"))
    reference = SchemaReference("test.Inner", inner, 1)
    schema = {**unique(), "fields": [{"name": "i", "type": "Inner"}]}
    outer_id = talk.register(outer, schema, references=[reference])
    held = talk.client.get_version(outer, 1).schema.references or []
    return [[[each.name, each.version] for each in held], outer_id in talk.client.get_referenced_by(inner, 1)]


@case(Refused(422, 42201))
def a_reference_to_nothing_is_refused(talk: Talk) -> object:
    reference = {"name": "test.Inner", "subject": talk.subject(), "version": 1}
    schema = {**unique(), "fields": [{"name": "i", "type": "Inner"}]}
    return talk.posted(talk.subject(), schema, references=[reference])


@case([True, [1]])
def a_normalised_registration_does_not_mind_the_order_of_attributes(talk: Talk) -> object:
    subject, schema = talk.subject(), unique()
    other = {name: schema[name] for name in reversed(schema)}
    texts = [json.dumps(schema), json.dumps(other)]
    ids = {talk.client.register_schema(subject, Schema(text, "AVRO"), normalize_schemas=True) for text in texts}
    return [len(ids) == 1, talk.client.get_versions(subject)]
