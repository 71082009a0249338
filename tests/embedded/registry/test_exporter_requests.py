"""What requests to ``/exporters`` are answered; nothing is copied here."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from hangarstack.settings import Secret, Settings
from tests.embedded.registry.exporters import code, definition, eventually, status, told
from tests.support.ports import free_port
from tests.support.registry import Registry, running

_BASIC = {"basic.auth.credentials.source": "USER_INFO", "basic.auth.user.info": "ann:pa:ss-word"}


def made(registry: Registry, **fields: Any) -> Any:
    """Make an exporter to where nobody is, and return its body."""
    body = definition(f"http://127.0.0.1:{free_port()}", **fields)
    answer = registry.ask("POST", "/exporters", body)
    assert answer.status == 200, answer
    return body


def test_an_exporter_is_made_listed_read_and_deleted(own_registry: Registry) -> None:
    assert own_registry.ask("GET", "/exporters").body == []
    body = made(own_registry, name="b", contextType="CUSTOM", context="copies", subjects=["s*"])
    made(own_registry, name="a")
    assert own_registry.ask("GET", "/exporters").body == ["a", "b"]
    expected = {**body, "context": ".copies", "subjectRenameFormat": "${subject}"}
    assert own_registry.ask("GET", "/exporters/b").body == expected
    assert own_registry.ask("GET", "/exporters/b/config").body == body["config"]
    assert set(status(own_registry, "b")) == {"name", "state", "offset", "ts", "trace"}
    told(own_registry, "pause", "b")
    gone = own_registry.ask("DELETE", "/exporters/b")
    assert (gone.status, gone.body) == (204, "")
    assert own_registry.ask("GET", "/exporters").body == ["a"]


def test_what_a_request_leaves_open_is_as_documented(own_registry: Registry) -> None:
    config = {"schema.registry.url": "http://127.0.0.1:1"}
    assert own_registry.ask("POST", "/exporters", {"name": "e", "config": config}).status == 200
    found = own_registry.ask("GET", "/exporters/e").body
    assert found.pop("context").startswith(".lsrc-")
    assert found == {
        "name": "e",
        "contextType": "AUTO",
        "subjects": ["*"],
        "subjectRenameFormat": "${subject}",
        "config": config,
    }


@pytest.mark.parametrize("name", [None, "", "a b", "a/b", "..", ".", "-", "ü", "a" * 257, 7, ["a"], "a\n"])
def test_a_name_that_is_none_is_refused(registry: Registry, name: object) -> None:
    assert code(registry.ask("POST", "/exporters", {**definition("http://h"), "name": name})) == (409, 40950)


@pytest.mark.parametrize(
    "config",
    [
        None,
        {},
        [],
        "http://h",
        {"schema.registry.url": ""},
        {"schema.registry.url": 7},
        {"schema.registry.url": None},
        {"schema.registry.url": "h:8081"},
        {"schema.registry.url": "file:///etc/passwd"},
        {"schema.registry.url": "ftp://h"},
        {"schema.registry.url": "http://"},
        {"schema.registry.url": "http://h:99999"},
        {"schema.registry.url": "http://[h"},
        {"schema.registry.url": "http://h/\r\nX: y"},
        {"schema.registry.url": "http://h/?a=b"},
        {"schema.registry.url": "http://h,gopher://h"},
        {"schema.registry.url": "http://bücher"},
        {"schema.registry.url": "http://h", "basic.auth.credentials.source": "SASL_INHERIT"},
        {"schema.registry.url": "http://h", "basic.auth.credentials.source": "USER_INFO"},
        {"schema.registry.url": "http://h", "basic.auth.user.info": "ann"},
        {"schema.registry.url": "http://h", "basic.auth.user.info": ":word"},
        {"schema.registry.url": "http://h", "basic.auth.user.info": "a:b\n"},
        {"schema.registry.url": "http://h", "bearer.auth.credentials.source": "OAUTHBEARER"},
        {"schema.registry.url": "http://h", "bearer.auth.credentials.source": "STATIC_TOKEN"},
        {"schema.registry.url": "http://h", "bearer.auth.token": "t", "basic.auth.user.info": "a:b"},
        {"schema.registry.url": "http://h", "schema.registry.ssl.truststore.location": "/x.jks"},
        {"schema.registry.url": "http://h", "schema.registry.ssl.keystore.location": "/x.jks"},
        {"schema.registry.url": "http://h", "more": "x" * 70_000},
    ],
)
def test_a_configuration_that_cannot_be_used_is_refused(registry: Registry, config: object) -> None:
    assert code(registry.ask("POST", "/exporters", {"name": "refused", "config": config})) == (409, 40951)


@pytest.mark.parametrize(
    "fields",
    [
        {"contextType": "MIDDLING"},
        {"contextType": 7},
        {"contextType": "CUSTOM"},
        {"contextType": "CUSTOM", "context": ""},
        {"contextType": "CUSTOM", "context": "."},
        {"contextType": "CUSTOM", "context": "a:b"},
        {"contextType": "CUSTOM", "context": "*"},
        {"contextType": "CUSTOM", "context": "a\x00"},
        {"contextType": "CUSTOM", "context": ["a"]},
        {"subjectRenameFormat": ""},
        {"subjectRenameFormat": "one"},
        {"subjectRenameFormat": ":.c:${subject}"},
        {"subjectRenameFormat": "${subject}\x07"},
        {"subjectRenameFormat": 7},
    ],
)
def test_a_context_or_a_format_that_is_none_is_refused(registry: Registry, fields: dict[str, Any]) -> None:
    assert code(registry.ask("POST", "/exporters", definition("http://h", name="refused", **fields))) == (409, 40951)


@pytest.mark.parametrize(
    "subjects",
    [[], "s", {"s": 1}, [7], [None], [""], ["a*b"], ["**"], ["*a"], [":*a:"], [":.a:b*c"], ["a\x00"], [["s"]], [".*"]],
)
def test_subjects_that_are_none_are_refused(registry: Registry, subjects: object) -> None:
    body = definition("http://h", name="refused", subjects=subjects)
    assert code(registry.ask("POST", "/exporters", body)) == (409, 40952)


@pytest.mark.parametrize("subjects", [[":.main:*"], ["s", ".main.eu"], [":.x.main:s"]])
def test_subjects_of_the_context_that_the_copies_go_into_are_refused(registry: Registry, subjects: list[str]) -> None:
    fields: dict[str, Any] = {"contextType": "CUSTOM", "context": "main", "subjects": subjects}
    refused = registry.ask("POST", "/exporters", definition("http://h", name="refused", **fields))
    assert code(refused) == (409, 40952)
    assert "the context that the copies go into, .main" in refused.body["message"]


@pytest.mark.parametrize(("body", "status_code"), [(b"{", 400), (b"", 400), (b"[]", 422), (b"7", 422)])
def test_a_body_that_is_no_object_is_refused(own_registry: Registry, body: bytes, status_code: int) -> None:
    made(own_registry)
    told(own_registry, "pause")
    for method, path in (("POST", "/exporters"), ("PUT", "/exporters/e"), ("PUT", "/exporters/e/config")):
        assert code(own_registry.ask(method, path, body)) == (status_code, status_code)


def test_what_is_not_there_is_40450(registry: Registry) -> None:
    calls = [("GET", ""), ("GET", "/status"), ("GET", "/config"), ("DELETE", "")]
    calls += [("PUT", path) for path in ("/pause", "/resume", "/reset")]
    for method, path in calls:
        assert code(registry.ask(method, f"/exporters/nobody{path}")) == (404, 40450)
    for path in ("", "/config"):
        assert code(registry.ask("PUT", f"/exporters/nobody{path}", {})) == (404, 40450)


def test_a_name_is_given_once_and_ten_are_enough(own_registry: Registry) -> None:
    for number in range(10):
        made(own_registry, name=f"e{number}")
    assert code(own_registry.ask("POST", "/exporters", definition("http://h", name="e0"))) == (409, 40960)
    assert code(own_registry.ask("POST", "/exporters", definition("http://h", name="e10"))) == (409, 40964)


def test_an_exporter_is_changed_reset_and_deleted_while_it_is_paused_alone(own_registry: Registry) -> None:
    made(own_registry)
    config = {"schema.registry.url": "http://127.0.0.1:1"}
    for method, path, body in (
        ("PUT", "", {"subjects": ["s"]}),
        ("PUT", "/config", config),
        ("PUT", "/reset", None),
        ("DELETE", "", None),
    ):
        assert code(own_registry.ask(method, f"/exporters/e{path}", body)) == (409, 40963)
    eventually(lambda: status(own_registry)["state"] == "RUNNING")
    assert code(told(own_registry, "resume")) == (409, 40961)
    assert told(own_registry, "pause").body == told(own_registry, "pause").body == {"name": "e"}
    assert told(own_registry, "reset").body == {"name": "e"}
    changed = {"subjects": ["s"], "contextType": "CUSTOM", "context": "c", "subjectRenameFormat": "x${subject}"}
    assert own_registry.ask("PUT", "/exporters/e", changed).body == {"name": "e"}
    assert own_registry.ask("PUT", "/exporters/e", {}).body == {"name": "e"}
    assert own_registry.ask("PUT", "/exporters/e/config", config).body == {"name": "e"}
    found = own_registry.ask("GET", "/exporters/e").body
    assert found == {"name": "e", **changed, "context": ".c", "config": config}
    refused = {"subjects": [], "contextType": "CUSTOM"}
    assert code(own_registry.ask("PUT", "/exporters/e", refused)) == (409, 40952)
    assert code(own_registry.ask("PUT", "/exporters/e/config", {"more": "x"})) == (409, 40951)
    assert own_registry.ask("GET", "/exporters/e").body == found


def test_one_that_starts_is_not_resumed(own_registry: Registry) -> None:
    own_registry.register("s", {"type": "record", "name": "R", "fields": []})
    made(own_registry)
    assert code(told(own_registry, "resume")) == (409, 40962)


def test_secrets_are_not_shown_and_stay_when_they_are_sent_back_hidden(own_registry: Registry) -> None:
    secret = {
        "schema.registry.url": "https://bob:url-word@127.0.0.1:1/",
        **_BASIC,
        "schema.registry.basic.auth.user.info": "ann:pa:ss-word",
        "schema.registry.ssl.truststore.location": "/ca.pem",
        "schema.registry.ssl.truststore.type": "PEM",
        "some.token": "tok-word",
        "unknown": "un-word",
    }
    shown = {
        **secret,
        "schema.registry.url": "https://127.0.0.1:1/",
        "basic.auth.user.info": "[hidden]",
        "schema.registry.basic.auth.user.info": "[hidden]",
        "some.token": "[hidden]",
        "unknown": "[hidden]",
    }
    own_registry.ask("POST", "/exporters", {"name": "e", "config": secret})
    told(own_registry, "pause")
    for config in (shown, secret):
        for path in ("/exporters/e", "/exporters/e/config", "/exporters/e/status", "/exporters"):
            assert "word" not in json.dumps(own_registry.ask("GET", path).body)
        assert own_registry.ask("GET", "/exporters/e/config").body == shown
        assert own_registry.ask("PUT", "/exporters/e/config", config).body == {"name": "e"}
        assert stored_config(own_registry) == secret


def test_a_hidden_secret_is_not_sent_to_another_address(own_registry: Registry) -> None:
    made(own_registry, config=_BASIC)
    told(own_registry, "pause")
    before = stored_config(own_registry)
    elsewhere = {"schema.registry.url": "http://elsewhere", **_BASIC, "basic.auth.user.info": "[hidden]"}
    for path, body in (("/config", elsewhere), ("", {"config": elsewhere})):
        assert code(own_registry.ask("PUT", f"/exporters/e{path}", body)) == (409, 40951)
    assert stored_config(own_registry) == before


def test_a_key_that_no_exporter_knows_changes_nothing(registry: Registry) -> None:
    body = definition("http://127.0.0.1:1", name="unknown-keys", config={"max.retries": "3"}, kekRenameFormat="x")
    assert registry.ask("POST", "/exporters", body).status == 200
    told(registry, "pause", "unknown-keys")
    assert registry.ask("DELETE", "/exporters/unknown-keys").status == 204


def test_exporters_are_for_those_alone_who_may_ask_the_registry(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, registry_username="ann", registry_password=Secret("word"))
    with running(settings) as closed:
        assert closed.ask("GET", "/exporters").status == 401
        assert closed.ask("POST", "/exporters", definition("http://h")).status == 401


def stored_config(registry: Registry) -> object:
    """Return the configuration of the one exporter as the file has it."""
    with contextlib.closing(sqlite3.connect(registry.settings.home / "registry" / "registry.sqlite3")) as db:
        return json.loads(db.execute("SELECT config FROM exporters").fetchone()[0])
