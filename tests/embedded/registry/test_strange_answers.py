"""A server that is no registry, or one that answers with what no registry says."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from hangarstack.errors import RegistryError, RegistryUnavailableError
from hangarstack.registry.client import RegistryAdmin
from hangarstack.registry.ids import SchemaIds
from hangarstack.settings import Settings
from tests.support.answering import answering, dripping

_CALLS: dict[str, Callable[[RegistryAdmin], object]] = {
    "subjects": lambda admin: admin.subjects(),
    "versions": lambda admin: admin.versions("s"),
    "register": lambda admin: admin.register("s", '"int"'),
    "lookup": lambda admin: admin.lookup("s", '"int"'),
    "compatibility": lambda admin: admin.compatibility(None),
    "set_compatibility": lambda admin: admin.set_compatibility("s", "FULL"),
    "is_compatible": lambda admin: admin.is_compatible("s", '"int"'),
    "delete_version": lambda admin: admin.delete_version("s", 1),
}
_BODIES = {
    "page": b"<html>",
    "nothing": b"",
    "null": b"null",
    "text": b'"text"',
    "truth": b"true",
    "object": b"{}",
    "wrong types": b'{"id": "7", "schema": 7, "compatibilityLevel": [], "compatibility": 1, "is_compatible": "yes"}',
    "list of lists": b"[[]]",
    "list of truth": b"[true]",
    "deep": b"[" * 100_000,
    "number of many digits": b"9" * 10_000,
    "no UTF-8": b"\xff\xfe\xff",
    "control characters": b"\x1b[2J\x1b]0;owned\x07",
}


@pytest.mark.parametrize("call", _CALLS)
@pytest.mark.parametrize("body", _BODIES)
def test_an_answer_that_no_registry_gives_is_one_line_that_names_the_call_and_quotes_it(call: str, body: str) -> None:
    with answering(200, _BODIES[body]) as (url, _), pytest.raises(RegistryError) as refused:
        _CALLS[call](RegistryAdmin(Settings(registry_url=url)))
    assert "not what a schema registry gives" in refused.value.what
    assert url in refused.value.where
    assert refused.value.where.startswith(("GET ", "POST ", "PUT ", "DELETE "))
    assert len(str(refused.value)) < 400
    assert str(refused.value).isprintable()


def test_a_level_that_there_is_not_is_told() -> None:
    with (
        answering(200, {"compatibilityLevel": "WEIRD"}) as (url, _),
        pytest.raises(RegistryError, match=r"not what a schema registry gives.*'WEIRD'"),
    ):
        RegistryAdmin(Settings(registry_url=url)).compatibility("s")


def test_a_subject_with_a_setting_other_than_its_level_has_no_level_of_its_own() -> None:
    with answering(200, {"normalize": True}) as (url, _):
        assert RegistryAdmin(Settings(registry_url=url)).compatibility("s") is None


def test_a_page_that_is_not_found_does_not_pass_for_a_subject_without_versions() -> None:
    with answering(404, b"<html>") as (url, _):
        admin = RegistryAdmin(Settings(registry_url=url))
        for call in (admin.versions, admin.compatibility, lambda subject: admin.lookup(subject, '"int"')):
            with pytest.raises(RegistryError, match="404"):
                call("s")


def test_an_answer_that_does_not_end_is_cut_off(tmp_path: Path) -> None:
    with answering(200, b"[" + 33 * 1024 * 1024 * b" ") as (url, _), pytest.raises(RegistryError, match="larger than"):
        SchemaIds(Settings(home=tmp_path, registry_url=url)).schema_of(1)


@pytest.mark.parametrize("start", [b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 200 OK\r\nX: "], ids=["body", "headers"])
def test_an_answer_that_comes_byte_by_byte_is_given_up_within_the_time_out(start: bytes, tmp_path: Path) -> None:
    with dripping(start) as url:
        settings = Settings(home=tmp_path, registry_url=url, registry_timeout_s=0.5)
        for ask in (RegistryAdmin(settings).subjects, lambda: SchemaIds(settings).schema_of(1)):
            began = time.monotonic()
            with pytest.raises(RegistryUnavailableError, match=r"timed out|in time"):
                ask()
            assert 0.4 < time.monotonic() - began < 3


def test_every_address_of_a_host_shares_the_time_out(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        address = full.getsockname()
        # A full queue of connections lets no other in, and does not refuse it either.
        waiting = [socket.socket() for _ in range(4)]
        for each in waiting:
            each.setblocking(False)
            each.connect_ex(address)
        found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", address)] * 20
        real = socket.getaddrinfo
        monkeypatch.setattr(
            socket, "getaddrinfo", lambda host, *rest, **more: found if host == "many" else real(host, *rest, **more)
        )
        began = time.monotonic()
        with pytest.raises(RegistryUnavailableError):
            RegistryAdmin(Settings(registry_url=f"http://many:{address[1]}", registry_timeout_s=0.5)).subjects()
        assert time.monotonic() - began < 3
        for each in waiting:
            each.close()
