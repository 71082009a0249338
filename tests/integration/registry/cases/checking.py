"""Asking whether a schema would be taken."""

from __future__ import annotations

import json

from tests.integration.registry.cases.case import Refused, Talk, avro, breaking, case, unique, wider


@case([True, False])
def a_schema_is_tested_against_the_latest_version(talk: Talk) -> object:
    subject, schema = talk.subject(), unique()
    talk.client.set_compatibility(subject, "BACKWARD")
    talk.register(subject, schema)
    return [talk.client.test_compatibility(subject, avro(each)) for each in (wider(schema), breaking(schema))]


@case([True, False])
def a_schema_is_tested_as_a_registration_would(talk: Talk) -> object:
    subject, schema = talk.subject(), unique()
    talk.client.set_compatibility(subject, "FULL_TRANSITIVE")
    talk.register(subject, schema)
    return [
        talk.client.test_compatibility_all_versions(subject, avro(each)) for each in (wider(schema), breaking(schema))
    ]


@case([False, True])
def a_verbose_test_says_why(talk: Talk) -> object:
    subject, schema = talk.subject(), unique()
    talk.client.set_compatibility(subject, "BACKWARD")
    talk.register(subject, schema)
    body = talk.ask(
        "POST",
        f"/compatibility/subjects/{subject}/versions/latest?verbose=true",
        {"schema": json.dumps(breaking(schema))},
    ).body
    return [body["is_compatible"], "READER_FIELD_MISSING_DEFAULT_VALUE" in json.dumps(body.get("messages"))]


@case(Refused(404, 40402))
def a_test_against_an_unknown_version_is_not_found(talk: Talk) -> object:
    subject = talk.subject()
    talk.register(subject, unique())
    return talk.client.test_compatibility(subject, avro(unique()), version=9)


@case(True)
def any_schema_fits_the_latest_of_an_unknown_subject(talk: Talk) -> object:
    return talk.client.test_compatibility(talk.subject(), avro(unique()))


@case(Refused(422, 42201))
def a_test_of_what_is_no_schema_is_refused(talk: Talk) -> object:
    subject = talk.subject()
    talk.register(subject, unique())
    return talk.refusal("POST", f"/compatibility/subjects/{subject}/versions/latest", {"schema": "{"})
