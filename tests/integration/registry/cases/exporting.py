"""Making exporters and telling them what to do; each is deleted at the end of its case."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.integration.registry.cases.case import Refused, Talk, case

# Nobody is there: no case copies anything.
_CONFIG = {
    "schema.registry.url": "http://127.0.0.1:1",
    "basic.auth.credentials.source": "USER_INFO",
    "basic.auth.user.info": "ann:word",
}


def _definition(name: str, **fields: Any) -> dict[str, Any]:
    return {"name": name, "contextType": "NONE", "subjects": ["case-none-*"], "config": _CONFIG, **fields}


@contextmanager
def _exporter(talk: Talk, **fields: Any) -> Iterator[str]:
    name = f"case-{uuid.uuid4().hex}"
    talk.ask("POST", "/exporters", _definition(name, **fields))
    try:
        yield name
    finally:
        talk.ask("PUT", f"/exporters/{name}/pause")
        talk.ask("DELETE", f"/exporters/{name}")


@case([200, True, True])
def an_exporter_is_made_and_listed(talk: Talk) -> object:
    name = f"case-{uuid.uuid4().hex}"
    made = talk.ask("POST", "/exporters", _definition(name))
    listed = talk.ask("GET", "/exporters").body
    talk.ask("PUT", f"/exporters/{name}/pause")
    talk.ask("DELETE", f"/exporters/{name}")
    return [made.status, made.body == {"name": name}, name in listed]


@case([True, "CUSTOM", ["case-none-*"], "dc_${subject}"])
def an_exporter_is_read(talk: Talk) -> object:
    fields = {"contextType": "CUSTOM", "context": "case", "subjectRenameFormat": "dc_${subject}"}
    with _exporter(talk, **fields) as name:
        found = talk.ask("GET", f"/exporters/{name}").body
    return [found.get("name") == name, *(found.get(key) for key in ("contextType", "subjects", "subjectRenameFormat"))]


@case([True, False])
def an_exporters_configuration_is_read_without_its_secrets(talk: Talk) -> object:
    with _exporter(talk) as name:
        found = talk.ask("GET", f"/exporters/{name}/config").body
    return [found.get("schema.registry.url") == _CONFIG["schema.registry.url"], "word" in str(found)]


@case([True, "PAUSED", True])
def an_exporter_is_paused_and_says_how_far_it_is(talk: Talk) -> object:
    with _exporter(talk) as name:
        paused = talk.ask("PUT", f"/exporters/{name}/pause")
        found = talk.ask("GET", f"/exporters/{name}/status").body
    return [paused.status == 200, found.get("state"), {"name", "state", "offset", "ts", "trace"} <= set(found)]


@case([200, 200, 200, 200])
def a_paused_exporter_is_changed_reset_and_resumed(talk: Talk) -> object:
    with _exporter(talk) as name:
        talk.ask("PUT", f"/exporters/{name}/pause")
        answers = [
            talk.ask("PUT", f"/exporters/{name}", {"subjects": ["case-other-*"]}),
            talk.ask("PUT", f"/exporters/{name}/config", _CONFIG),
            talk.ask("PUT", f"/exporters/{name}/reset"),
            talk.ask("PUT", f"/exporters/{name}/resume"),
        ]
    return [each.status for each in answers]


@case([204, Refused(404, 40450)])
def a_paused_exporter_is_deleted(talk: Talk) -> object:
    with _exporter(talk) as name:
        talk.ask("PUT", f"/exporters/{name}/pause")
        return [talk.ask("DELETE", f"/exporters/{name}").status, talk.refusal("GET", f"/exporters/{name}")]


@case([Refused(409, 40963)] * 3)
def a_running_exporter_is_not_changed(talk: Talk) -> object:
    with _exporter(talk) as name:
        return [
            talk.refusal("PUT", f"/exporters/{name}", {"subjects": ["case-other-*"]}),
            talk.refusal("PUT", f"/exporters/{name}/reset"),
            talk.refusal("DELETE", f"/exporters/{name}"),
        ]


@case(Refused(409, 40960))
def an_exporter_is_not_made_twice(talk: Talk) -> object:
    with _exporter(talk) as name:
        return talk.refusal("POST", "/exporters", _definition(name))


@case([Refused(409, 40950), Refused(409, 40951), Refused(409, 40952)])
def an_exporter_without_name_configuration_or_subjects_is_refused(talk: Talk) -> object:
    name = f"case-{uuid.uuid4().hex}"
    return [
        talk.refusal("POST", "/exporters", {"config": _CONFIG}),
        talk.refusal("POST", "/exporters", {"name": name}),
        talk.refusal("POST", "/exporters", _definition(name, subjects=["a*b"])),
    ]


@case([Refused(404, 40450)] * 3)
def an_exporter_that_is_not_there_is_not_found(talk: Talk) -> object:
    path = f"/exporters/case-{uuid.uuid4().hex}"
    return [
        talk.refusal("GET", path),
        talk.refusal("GET", f"{path}/status"),
        talk.refusal("PUT", f"{path}/pause"),
    ]
