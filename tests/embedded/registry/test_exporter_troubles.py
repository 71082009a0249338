"""Exporters whose destination is away, slow, closed to them, or no registry at all."""

from __future__ import annotations

import base64
import logging
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from hangarstack.registry.embedded.exporting.changes import Remove
from hangarstack.registry.embedded.exporting.copying import Copier
from hangarstack.registry.embedded.exporting.naming import Naming
from hangarstack.registry.embedded.names import Subject
from hangarstack.registry.rest import RestClient
from hangarstack.settings import Secret, Settings
from tests.embedded.registry.exporters import caught_up, definition, eventually, everything, export, status, told
from tests.embedded.registry.schemas import record
from tests.support.answering import answering, dripping
from tests.support.certificates import make_certificates
from tests.support.ports import free_port
from tests.support.registry import Registry, running

_BODIES: dict[str, object] = {
    "page": b"<html>",
    "nothing": b"",
    "null": b"null",
    "a list": [],
    "an object": {},
    "wrong types": {"mode": 7, "id": "seven"},
    "deep": b"[" * 100_000,
    "no UTF-8": b"\xff\xfe\xff",
    "control characters": b"\x1b[2J\x1b]0;owned\x07",
    "an error of control characters": {"error_code": 40401, "message": "\x1b[2J\n2026 INFO all is well"},
    "another id": {"mode": "IMPORT", "id": 77},
}


@pytest.fixture
def source(tmp_path: Path) -> Iterator[Registry]:
    """A registry with one schema, whose exporters wait for half a second."""
    with running(Settings(home=tmp_path / "source", registry_timeout_s=0.5)) as started:
        started.register("s", record("a"))
        yield started


def trouble(source: Registry, url: str, **config: str) -> str:
    """Return what an exporter to a URL says went wrong; it must not have gone on."""
    assert source.ask("POST", "/exporters", definition(url, config=config)).status == 200
    eventually(lambda: bool(status(source)["trace"]))
    found = status(source)
    assert (found["state"], found["offset"]) == ("STARTING", 0)
    return str(found["trace"])


@pytest.mark.parametrize("body", _BODIES)
@pytest.mark.parametrize("answer", [200, 500, 404, 302])
def test_what_no_registry_answers_is_told_in_one_printable_line(source: Registry, answer: int, body: str) -> None:
    with answering(answer, _BODIES[body]) as (url, asked):
        trace = trouble(source, url)
        assert url in trace
        assert trace.isprintable()
        assert len(trace) <= 1000
        assert not [path for path, _ in asked if "elsewhere" in path]


def test_an_answer_without_end_is_cut_off(source: Registry) -> None:
    with answering(200, b"[" + 33 * 1024 * 1024 * b" ") as (url, _):
        assert "larger than" in trouble(source, url)


def test_a_slow_destination_is_given_up_after_the_time_out(source: Registry) -> None:
    with dripping(b"HTTP/1.1 200 OK\r\n\r\n") as url:
        began = time.monotonic()
        assert "timed out" in trouble(source, url)
        assert time.monotonic() - began < 5


def test_a_destination_that_comes_back_gets_what_it_missed(source: Registry, tmp_path: Path) -> None:
    port = free_port()
    assert "cannot be reached" in trouble(source, f"http://127.0.0.1:{port}")
    source.register("t", record("b"))
    with running(Settings(home=tmp_path / "destination"), port=port) as destination:
        caught_up(source)
        assert everything(destination) == everything(source)
    source.register("u", record("c"))
    eventually(lambda: "cannot be reached" in status(source)["trace"])
    assert status(source)["state"] == "RUNNING"
    with running(Settings(home=tmp_path / "destination"), port=port) as destination:
        caught_up(source)
        assert everything(destination) == everything(source)


def test_credentials_that_are_refused_are_told_without_being_shown(
    source: Registry, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings = Settings(home=tmp_path / "closed", registry_username="ann", registry_password=Secret("right-word"))
    with running(settings) as closed, caplog.at_level(logging.DEBUG):
        wrong = {"basic.auth.credentials.source": "USER_INFO", "basic.auth.user.info": "ann:wrong-word"}
        trace = trouble(source, closed.url, **wrong)
        assert "refuses the credentials (401" in trace
        told(source, "pause")
        right = {"schema.registry.url": closed.url, **wrong, "basic.auth.user.info": "ann:right-word"}
        assert source.ask("PUT", "/exporters/e/config", right).status == 200
        told(source, "resume")
        caught_up(source)
        credentials = base64.b64encode(b"ann:right-word").decode()
        found = closed.ask("GET", "/subjects", headers={"Authorization": f"Basic {credentials}"})
        assert found.body == ["s"]
    assert "word" not in trace + caplog.text


def test_credentials_may_stand_in_the_address(source: Registry, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "closed", registry_username="ann", registry_password=Secret("p@ss"))
    with running(settings) as closed:
        inside = replace(closed, url=closed.url.replace("//", "//ann:p%40ss@"))
        export(source, inside)
        caught_up(source)


@pytest.mark.parametrize(
    ("config", "secret", "header"),
    [
        ({"bearer.auth.token": "tok-word"}, "tok-word", "Bearer tok-word"),
        ({"basic.auth.user.info": "ann:word"}, "word", f"Basic {base64.b64encode(b'ann:word').decode()}"),
    ],
)
def test_a_destination_that_says_secrets_back_does_not_make_them_known(
    source: Registry, config: dict[str, str], secret: str, header: str, caplog: pytest.LogCaptureFixture
) -> None:
    echo = {"error_code": 40301, "message": f"you sent {header}, which is {secret}"}
    with answering(403, echo) as (url, asked), caplog.at_level(logging.DEBUG):
        trace = trouble(source, url, **config)
        assert asked[0][1]["Authorization"] == header
        assert trace.count("[hidden]") == 2
        for text in (trace, caplog.text):
            assert secret not in text
            assert header.split()[1] not in text


def test_a_destination_behind_tls_is_believed_by_its_certificate_alone(source: Registry, tmp_path: Path) -> None:
    certificates = make_certificates(tmp_path)
    config = {
        "schema.registry.ssl.truststore.location": str(certificates.authority),
        "schema.registry.ssl.truststore.type": "PEM",
    }
    with answering(404, {"error_code": 404, "message": "known"}, certificates) as (url, asked):
        assert "certificate verify failed" in trouble(source, url)
        assert asked == []
        told(source, "pause")
        source.ask("PUT", "/exporters/e/config", {"schema.registry.url": url, **config})
        told(source, "resume")
        eventually(lambda: "known" in status(source)["trace"])


def test_a_trust_store_that_is_not_there_is_told(source: Registry) -> None:
    config = {"ssl.truststore.location": "/nowhere.pem", "ssl.truststore.type": "PEM"}
    assert "certificate authorities cannot be read" in trouble(source, "https://127.0.0.1:1", **config)


def test_ids_that_the_destination_gave_to_others_are_not_taken_from_them(source: Registry, tmp_path: Path) -> None:
    with running(Settings(home=tmp_path / "destination")) as destination:
        destination.register("own", record("x", name="Own"))
        assert "Overwrite new schema with id 1" in trouble(source, destination.url)
        assert destination.ask("GET", "/subjects").body == ["own"]


def test_one_exporter_in_trouble_does_not_hold_up_another(source: Registry, tmp_path: Path) -> None:
    with dripping(b"HTTP/1.1 200 OK\r\n\r\n") as url, running(Settings(home=tmp_path / "destination")) as destination:
        trouble(source, url)
        export(source, destination, name="other")
        caught_up(source, "other")
        assert everything(destination) == everything(source)


def test_a_deletion_that_is_done_again_sets_the_configuration_that_the_first_time_did_not_come_to(
    own_registry: Registry,
) -> None:
    # What is left where the destination failed after the last version was deleted: no version, no mode, nothing set.
    remove = Remove(subject=Subject(context=".", name="s"), version=1, config={"compatibilityLevel": "FULL"})
    naming = Naming(context_type="NONE", context=".", rename_format="${subject}")
    Copier(RestClient(replace(own_registry.settings, registry_url=own_registry.url)), naming).do(remove)
    assert own_registry.ask("GET", "/config/s").body == {"compatibilityLevel": "FULL"}
