"""Levels, modes and contexts."""

from __future__ import annotations

import uuid

from tests.integration.registry.cases.case import Refused, Talk, case, unique, wider

_LEVELS = [
    "NONE",
    "BACKWARD",
    "BACKWARD_TRANSITIVE",
    "FORWARD",
    "FORWARD_TRANSITIVE",
    "FULL",
    "FULL_TRANSITIVE",
]


@case("BACKWARD")
def the_level_for_all_is_backward_until_it_is_set(talk: Talk) -> object:
    return talk.client.get_compatibility()


@case(_LEVELS)
def every_level_is_set_and_read(talk: Talk) -> object:
    subject = talk.subject()
    talk.register(subject, unique())
    found = []
    for level in _LEVELS:
        talk.client.set_compatibility(subject, level)
        found.append(talk.client.get_compatibility(subject))
    return found


@case("FULL")
def a_level_is_set_before_the_subject_has_a_version(talk: Talk) -> object:
    subject = talk.subject()
    talk.client.set_compatibility(subject, "FULL")
    return talk.client.get_compatibility(subject)


@case(Refused(404, 40408))
def a_subject_has_no_level_of_its_own_until_it_is_set(talk: Talk) -> object:
    subject = talk.subject()
    talk.register(subject, unique())
    return talk.refusal("GET", f"/config/{subject}")


@case(True)
def the_level_that_holds_for_a_subject_is_read_on_request(talk: Talk) -> object:
    subject = talk.subject()
    talk.register(subject, unique())
    return talk.ask("GET", f"/config/{subject}?defaultToGlobal=true").body == talk.ask("GET", "/config").body


@case(Refused(422, 42203))
def an_unknown_level_is_refused(talk: Talk) -> object:
    subject = talk.subject()
    talk.register(subject, unique())
    return talk.refusal("PUT", f"/config/{subject}", {"compatibility": "SIDEWAYS"})


@case([{"compatibilityLevel": "FULL"}, Refused(404, 40408)])
def a_level_is_taken_back(talk: Talk) -> object:
    subject = talk.subject()
    talk.register(subject, unique())
    talk.client.set_compatibility(subject, "FULL")
    return [talk.ask("DELETE", f"/config/{subject}").body, talk.refusal("GET", f"/config/{subject}")]


@case("READWRITE")
def the_mode_for_all_is_read(talk: Talk) -> object:
    return talk.client.get_global_mode()


@case(["READONLY", Refused(422, 42205), "READONLY", [1, 2]])
def a_subject_is_closed_and_opened(talk: Talk) -> object:
    subject, schema = talk.subject(), unique()
    talk.register(subject, schema)
    talk.client.update_mode(subject, "READONLY")
    found = [talk.client.get_mode(subject), talk.posted(subject, wider(schema)), talk.client.delete_mode(subject)]
    talk.register(subject, wider(schema))
    return [*found, talk.client.get_versions(subject)]


@case([4711, 7])
def an_import_states_id_and_version_itself(talk: Talk) -> object:
    subject = f":.import-{uuid.uuid4().hex}:{talk.subject()}"
    talk.subjects.append(subject)
    talk.client.update_mode(subject, "IMPORT")
    body = talk.ask("POST", f"/subjects/{subject}/versions", {"schema": '"int"', "id": 4711, "version": 7}).body
    return [body["id"], body["version"]]


@case(".")
def the_default_context_is_the_first(talk: Talk) -> object:
    return talk.client.get_contexts()[0]


@case([True, True])
def every_context_counts_its_ids_itself(talk: Talk) -> object:
    subjects = [f":.c{uuid.uuid4().hex}:s" for _ in range(2)]
    talk.subjects.extend(subjects)
    return [talk.ask_id(subject, unique()) == 1 for subject in subjects]


@case([["s"], 1])
def a_context_is_asked_by_its_path(talk: Talk) -> object:
    context = f".c{uuid.uuid4().hex}"
    talk.subjects.append(f":{context}:s")
    talk.ask_id(f":{context}:s", unique())
    subjects = talk.ask("GET", f"/contexts/{context}/subjects")
    if subjects.status != 200:
        return subjects.status
    names = [name.removeprefix(f":{context}:") for name in subjects.body]
    return [names, talk.ask("GET", f"/contexts/{context}/subjects/s/versions/1").body["version"]]
