from __future__ import annotations

import json

import pytest

from hangarstack.errors import DecodeError
from hangarstack.events import AIRCRAFT_VIEW, CODECS
from hangarstack.events.runtime.schematext import resolution_key

_SCHEMA = {
    "type": "record",
    "name": "R",
    "namespace": "x",
    "doc": "a doc",
    "fields": [
        {"name": "a", "type": {"type": "enum", "name": "E", "symbols": ["A", "B"], "default": "A"}, "doc": "b"},
        {"name": "b", "type": ["null", {"type": "fixed", "name": "F", "size": 2}], "default": None},
        {"name": "c", "type": {"type": "array", "items": "E"}},
        {"name": "d", "type": {"type": "map", "values": ["null", "x.R"]}, "aliases": ["q"]},
        {"name": "e", "type": {"type": "long", "logicalType": "timestamp-micros"}},
    ],
}

_SAME = {
    "fields": [
        {"type": {"symbols": ["A", "B"], "name": "x.E", "type": "enum"}, "name": "a"},
        {"type": [{"type": "null"}, {"type": "fixed", "size": 2, "name": "F"}], "name": "b"},
        {"type": {"items": "x.E", "type": "array"}, "name": "c", "unknown": [1]},
        {"type": {"values": ["null", "R"], "type": "map"}, "name": "d"},
        {"type": "long", "name": "e", "order": "ignore"},
    ],
    "name": "x.R",
    "namespace": "ignored",
    "type": "record",
}


def test_what_does_not_change_the_bytes_does_not_count() -> None:
    assert resolution_key(json.dumps(_SCHEMA)) == resolution_key(json.dumps(_SAME, indent=2))


@pytest.mark.parametrize(
    ("old", "new"),
    [('"A", "B"', '"B", "A"'), ('"size": 2', '"size": 3'), ('"long"', '"int"'), ('"name": "a"', '"name": "z"')],
)
def test_what_changes_the_bytes_or_their_meaning_counts(old: str, new: str) -> None:
    text = json.dumps(_SCHEMA)
    assert old in text
    assert resolution_key(text) != resolution_key(text.replace(old, new))


@pytest.mark.parametrize("text", ["", "{", "5", '{"type": "record"}', '{"name": "x"}', "[" * 100_000, '{"type": 5}'])
def test_what_is_no_schema_is_refused(text: str) -> None:
    with pytest.raises(DecodeError):
        resolution_key(text)


def test_a_codec_knows_its_versions_by_their_schemas() -> None:
    for codec in CODECS:
        for version, text in codec.versions.items():
            assert codec.version_of(text) == version
            assert codec.version_of(json.dumps(json.loads(text), sort_keys=True, indent=1)) == version


def test_a_codec_does_not_know_another_schema() -> None:
    assert AIRCRAFT_VIEW.version_of(json.dumps(_SCHEMA)) is None
    assert AIRCRAFT_VIEW.version_of("no schema") is None
