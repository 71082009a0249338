"""Requests for keys that are none: refused by name, in little time, and without a word of what they held."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hangarstack.settings import Settings
from tests.embedded.registry.keys.asking import KEKS, code, dek, kek, make_kek, unused
from tests.support.registry import Answer, Registry, running

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def field(answer: Answer) -> str:
    """Return the field that a request is refused for."""
    assert code(answer) == (422, 42271), answer
    quoted: str = answer.body["message"].split("'")[1]
    return quoted


@pytest.mark.parametrize("body", [b"", b"{", b'"text"', b"[]", b"null", b"{" * 5000, b'{"name": "\\ud800"}'])
def test_what_is_no_json_object_is_refused(registry: Registry, body: bytes) -> None:
    for path in ("", f"/{make_kek(registry)}/deks", f"/{make_kek(registry)}/deks/s-value"):
        answer = registry.ask("POST", f"{KEKS}{path}", body)
        assert answer.status in {400, 422}
        assert answer.body["error_code"] == answer.status


@pytest.mark.parametrize("name", [None, "", 5, [], "1a", "-a", "a b", "a.b", "a/b", "a" * 257, "é!", "\x00"])
def test_a_name_of_a_kek_is_letters_digits_underscores_and_hyphens(registry: Registry, name: Any) -> None:
    assert field(registry.ask("POST", KEKS, kek(name))) == "name"
    if isinstance(name, str) and name:
        for path in ("", "/deks", "/deks/s-value", "/deks/s-value/versions/1"):
            assert field(registry.ask("GET", f"{KEKS}/{quote(name, safe='')}{path}")) == "name"


@pytest.mark.parametrize("name", ["a", "_", "_1-", "Ключ", "a" * 256])
def test_a_name_of_a_kek_may_begin_with_an_underscore_and_be_256_characters_long(
    own_registry: Registry, name: str
) -> None:
    assert own_registry.ask("POST", KEKS, kek(name)).status == 200
    assert own_registry.ask("GET", f"{KEKS}/{quote(name)}").body["name"] == name


_STRANGE_TEXTS: list[object] = [None, "", 5, [], "x" * 10_001]
_STRANGE_PROPERTIES: list[object] = [
    *("x", [], {"a": 1}, {"a": None}, {"a": "x" * 10_001}, {"x" * 10_001: "a"}),
    {str(number): "x" for number in range(101)},
]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("kmsType", value) for value in _STRANGE_TEXTS),
        *(("kmsKeyId", value) for value in _STRANGE_TEXTS),
        *(("kmsProps", value) for value in _STRANGE_PROPERTIES),
        ("doc", 5),
        ("doc", "x" * 10_001),
        ("shared", "true"),
        ("deleted", 1),
    ],
)
def test_a_field_of_a_kek_that_is_not_what_it_must_be_is_named(registry: Registry, name: str, value: object) -> None:
    made = make_kek(registry)
    assert field(registry.ask("POST", KEKS, kek(unused(), **{name: value}))) == name
    if name in {"kmsProps", "doc", "shared"}:
        assert field(registry.ask("PUT", f"{KEKS}/{made}", {name: value})) == name


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("subject", ""),
        ("subject", 5),
        ("subject", "a\x00b"),
        ("subject", "__GLOBAL"),
        ("subject", ":.context:"),
        ("subject", "x" * 10_001),
        ("algorithm", "AES"),
        ("algorithm", 256),
        ("algorithm", {}),
        ("encryptedKeyMaterial", ""),
        ("encryptedKeyMaterial", 5),
        ("encryptedKeyMaterial", "x" * 10_001),
        ("deleted", "no"),
    ],
)
def test_a_field_of_a_dek_that_is_not_what_it_must_be_is_named(registry: Registry, name: str, value: object) -> None:
    made = make_kek(registry)
    assert field(registry.ask("POST", f"{KEKS}/{made}/deks", {**dek("s-value"), name: value})) == name
    assert field(registry.ask("POST", f"{KEKS}/{made}/deks/s-value", {**dek(), name: value})) == name
    assert registry.ask("GET", f"{KEKS}/{made}/deks?deleted=true").body == []


def test_a_dek_needs_its_subject_and_one_alone(registry: Registry) -> None:
    made = make_kek(registry)
    assert field(registry.ask("POST", f"{KEKS}/{made}/deks", dek())) == "subject"
    assert field(registry.ask("POST", f"{KEKS}/{made}/deks/s-value", dek("t-value"))) == "subject"
    assert field(registry.ask("GET", f"{KEKS}/{made}/deks/a%00b")) == "subject"


@pytest.mark.parametrize("version", [0, -1, -5, 2**31, 10**30, "1", "latest", 1.5, True, [1]])
def test_a_version_of_a_dek_is_a_whole_number_from_1_on(registry: Registry, version: object) -> None:
    made = make_kek(registry)
    answer = registry.ask("POST", f"{KEKS}/{made}/deks/s-value", dek(version=version))
    assert code(answer) == (422, 42202)


@pytest.mark.parametrize("version", ["0", "-2", "x", "1.5", "2147483648"])
def test_a_version_that_is_none_is_refused_in_a_path(registry: Registry, version: str) -> None:
    path = f"{KEKS}/{make_kek(registry)}/deks/s-value/versions/{version}"
    for method, after in (("GET", ""), ("DELETE", ""), ("POST", "/undelete")):
        assert code(registry.ask(method, f"{path}{after}")) == (422, 42202)


def test_an_algorithm_that_is_none_is_refused_in_a_query(registry: Registry) -> None:
    path = f"{KEKS}/{make_kek(registry)}/deks/s-value"
    for method, after in (("GET", ""), ("DELETE", ""), ("POST", "/undelete"), ("GET", "/versions")):
        assert field(registry.ask(method, f"{path}{after}?algorithm=DES")) == "algorithm"


def test_a_method_that_a_path_has_not_is_refused(registry: Registry) -> None:
    name = make_kek(registry)
    for method, path in (("PUT", ""), ("POST", f"/{name}"), ("PUT", f"/{name}/undelete"), ("GET", f"/{name}/test")):
        assert code(registry.ask(method, f"{KEKS}{path}", {})) == (405, 405), path
    assert code(registry.ask("GET", "/dek-registry/v1/config")) == (404, 404)


@settings(max_examples=150, deadline=None)
@given(values=st.dictionaries(st.sampled_from(["kmsType", "kmsKeyId", "kmsProps", "doc", "shared", "deleted"]), JSON))
def test_any_json_for_a_kek_is_taken_or_refused_by_name(registry: Registry, values: dict[str, Any]) -> None:
    answer = registry.ask("POST", KEKS, {**kek(unused()), **values})
    assert answer.status == 200 or field(answer) in values


@settings(max_examples=150, deadline=None)
@given(
    values=st.dictionaries(
        st.sampled_from(["subject", "version", "algorithm", "encryptedKeyMaterial", "deleted"]), JSON, min_size=1
    )
)
def test_any_json_for_a_dek_is_taken_or_refused_with_a_code(registry: Registry, values: dict[str, Any]) -> None:
    answer = registry.ask("POST", f"{KEKS}/{make_kek(registry)}/deks", {**dek("s-value"), **values})
    assert code(answer) in {(200, 0), (422, 42271), (422, 42202)}


def test_a_request_of_16_megabytes_is_refused_at_once(registry: Registry) -> None:
    began = time.monotonic()
    assert field(registry.ask("POST", KEKS, kek(unused(), doc="x" * 15_000_000))) == "doc"
    assert code(registry.ask("POST", KEKS, kek(unused(), doc="x" * 17_000_000))) == (413, 413)
    assert time.monotonic() - began < 5


def test_no_refusal_repeats_what_was_sent(registry: Registry) -> None:
    made = make_kek(registry)
    hush = "aHVzaA=="
    answers = [
        registry.ask("POST", KEKS, kek(made, kmsProps={"secret": hush})),
        registry.ask("POST", KEKS, kek("1", kmsProps={"secret": hush})),
        registry.ask("POST", f"{KEKS}/{made}/deks/s-value", {"encryptedKeyMaterial": hush, "algorithm": hush}),
        registry.ask("POST", f"{KEKS}/{made}/deks/s-value", {"encryptedKeyMaterial": [hush]}),
        registry.ask("POST", KEKS, f'{{"kmsProps": {{"secret": "{hush}"'.encode()),
    ]
    assert all(each.status >= 400 for each in answers)
    assert not [each for each in answers if hush in str(each.body)]


@pytest.mark.parametrize(("table", "path", "body"), [("keks", "", kek("more")), ("deks", "/k/deks/s-value", dek())])
def test_a_registry_keeps_ten_thousand_keys_of_a_kind(
    tmp_path: Path, table: str, path: str, body: dict[str, Any]
) -> None:
    keks = [(f"k{number}", "aws-kms", "x", "{}", None, 0, 0, 1) for number in range(9_999)]
    deks = [("k", f"s{number}", "AES256_GCM", 1, "x", 0, 1) for number in range(10_000)]
    with running(Settings(home=tmp_path)) as registry:
        registry.ask("POST", KEKS, kek("k"))
        with closing(sqlite3.connect(tmp_path / "registry" / "registry.sqlite3")) as db, db:
            if table == "keks":
                db.executemany("INSERT INTO keks VALUES (?, ?, ?, ?, ?, ?, ?, ?)", keks)
            else:
                db.executemany("INSERT INTO deks VALUES (?, ?, ?, ?, ?, ?, ?)", deks)
        answer = registry.ask("POST", f"{KEKS}{path}", body)
        assert code(answer) == (409, 40972)
        assert answer.body["message"] == "A maximum of 10000 keys already exist"
