"""The HTTP of it: content types, paths, the server's own facts."""

from __future__ import annotations

from tests.integration.registry.cases.case import Refused, Talk, case, unique

_TYPE = "application/vnd.schemaregistry.v1+json"


@case([_TYPE, _TYPE])
def answers_are_of_the_registrys_content_type(talk: Talk) -> object:
    subject = talk.subject()
    talk.register(subject, unique())
    paths = ["/subjects", f"/subjects/{subject}/versions/9"]
    return [talk.ask("GET", path, Accept=_TYPE).content_type.partition(";")[0] for path in paths]


@case("application/json")
def a_client_that_asks_for_plain_json_gets_it(talk: Talk) -> object:
    return talk.ask("GET", "/subjects", Accept="application/json").content_type.partition(";")[0]


@case(406)
def a_client_that_takes_no_json_is_refused(talk: Talk) -> object:
    return talk.ask("GET", "/subjects", Accept="text/csv").status


@case(["AVRO", "JSON", "PROTOBUF"])
def schema_types_are_listed(talk: Talk) -> object:
    return sorted(talk.client.get_schema_types())


@case(Refused(404, 404))
def an_unknown_path_is_not_found(talk: Talk) -> object:
    return talk.refusal("GET", "/nothing")


@case(Refused(405, 405))
def a_method_that_a_path_has_not_is_refused(talk: Talk) -> object:
    return talk.refusal("PUT", "/subjects")


@case([200, 1])
def a_subject_may_have_a_slash_and_other_letters(talk: Talk) -> object:
    subject = f"{talk.subject()}%2F%C3%A9"
    talk.subjects.append(subject)
    answer = talk.ask("POST", f"/subjects/{subject}/versions", {"schema": '"int"'})
    return [answer.status, talk.ask("GET", f"/subjects/{subject}/versions/1").body.get("version")]


@case(200)
def the_cluster_is_told(talk: Talk) -> object:
    return talk.ask("GET", "/v1/metadata/id").status


@case(200)
def the_version_is_told(talk: Talk) -> object:
    return talk.ask("GET", "/v1/metadata/version").status
