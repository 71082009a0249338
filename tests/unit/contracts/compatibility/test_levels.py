from __future__ import annotations

import pytest

from hangarstack.contracts.compatibility import Level, Previous, check_level
from hangarstack.contracts.schema import Schema, parse_schema, to_text


def _schema(**fields: object) -> Schema:
    """A record; a field given as (type, default) has a default."""
    parts = [
        {"name": name, "type": given[0], "default": given[1]}
        if isinstance(given, tuple)
        else {"name": name, "type": given}
        for name, given in fields.items()
    ]
    return parse_schema({"type": "record", "name": "R", "fields": parts})


def _previous(*schemas: Schema) -> list[Previous]:
    return [
        Previous(schema=schema, text=to_text(schema), version=number) for number, schema in enumerate(schemas, start=1)
    ]


A = _schema(a="int")
A_AND_REQUIRED = _schema(a="int", b="int")
A_AND_OPTIONAL = _schema(a="int", b=("int", 1))


@pytest.mark.parametrize(
    ("level", "new", "fine"),
    [
        (Level.NONE, _schema(a="string"), True),
        (Level.BACKWARD, A_AND_REQUIRED, False),
        (Level.BACKWARD, A_AND_OPTIONAL, True),
        (Level.BACKWARD, _schema(), True),
        (Level.FORWARD, A_AND_REQUIRED, True),
        (Level.FORWARD, _schema(), False),
        (Level.FULL, A_AND_OPTIONAL, True),
        (Level.FULL, A_AND_REQUIRED, False),
        (Level.FULL, _schema(), False),
    ],
)
def test_a_level_decides_who_must_read_whom(level: Level, new: Schema, fine: bool) -> None:
    assert (check_level(level, new, _previous(A)) == []) is fine


@pytest.mark.parametrize(
    ("level", "fine"), [(Level.BACKWARD, True), (Level.BACKWARD_TRANSITIVE, False), (Level.FULL_TRANSITIVE, False)]
)
def test_only_a_transitive_level_looks_beyond_the_latest_version(level: Level, fine: bool) -> None:
    history = _previous(A, A_AND_OPTIONAL)
    assert (check_level(level, A_AND_REQUIRED, history) == []) is fine


def test_messages_are_those_of_confluent() -> None:
    assert check_level(Level.BACKWARD, A_AND_REQUIRED, _previous(A)) == [
        (
            "{errorType:'READER_FIELD_MISSING_DEFAULT_VALUE', description:'The field 'b' at path '/fields/1' in the "
            "new schema has no default value and is missing in the old schema', additionalInfo:'b'}"
        ),
        "{oldSchemaVersion: 1}",
        '{oldSchema: \'{"type":"record","name":"R","fields":[{"name":"a","type":"int"}]}\'}',
    ]


def test_forward_messages_call_the_reader_old() -> None:
    first, *_ = check_level(Level.FORWARD, _schema(a="string"), _previous(A))
    assert first == (
        "{errorType:'TYPE_MISMATCH', description:'The type (path '/fields/0/type') of a field in the old schema does "
        "not match with the new schema', additionalInfo:'reader type: INT not compatible with writer type: STRING'}"
    )


@pytest.mark.parametrize(
    ("new", "old", "description"),
    [
        (
            {"type": "enum", "name": "E", "symbols": ["A"]},
            {"type": "enum", "name": "E", "symbols": ["A", "B"]},
            "The new schema is missing enum symbols '[B]' at path '/symbols' in the old schema",
        ),
        (["null"], "int", "The new schema is missing a type inside a union field at path '/' in the old schema"),
        (
            {"type": "fixed", "name": "F", "size": 1},
            {"type": "fixed", "name": "F", "size": 2},
            "The size of FIXED type field at path '/size' in the new schema does not match with the old schema",
        ),
        (
            {"type": "fixed", "name": "G", "size": 1},
            {"type": "fixed", "name": "F", "size": 1},
            "The name of the schema has changed (path '/name')",
        ),
    ],
)
def test_each_kind_of_break_has_confluents_description(new: object, old: object, description: str) -> None:
    first, *_ = check_level(Level.BACKWARD, parse_schema(new), _previous(parse_schema(old)))
    assert f"description:'{description}'" in first


def test_full_lists_forward_breaks_first_and_quotes_the_old_schema_once() -> None:
    found = check_level(Level.FULL, _schema(b="int"), _previous(A))
    assert [each.split("'")[1] for each in found[:2]] == ["READER_FIELD_MISSING_DEFAULT_VALUE"] * 2
    assert "in the old schema has no default" in found[0]
    assert "in the new schema has no default" in found[1]
    assert found[2] == "{oldSchemaVersion: 1}"
    assert len(found) == 4


def test_newest_is_judged_first_and_the_first_failure_ends_it() -> None:
    found = check_level(Level.BACKWARD_TRANSITIVE, _schema(c="int"), _previous(A, A_AND_OPTIONAL))
    assert "{oldSchemaVersion: 2}" in found
    assert "{oldSchemaVersion: 1}" not in found


def test_a_long_old_schema_is_cut_and_says_so() -> None:
    long = _schema(**{f"f{number}": "int" for number in range(1000)})
    last = check_level(Level.BACKWARD, A, _previous(long))[-1]
    assert last.startswith("{oldSchema: <truncated to 10240 characters> '")
    assert len(last) < 10_400


def test_what_avro_java_cannot_judge_is_a_refusal_too() -> None:
    reader = parse_schema(
        {"type": "record", "name": "R", "fields": [{"name": "a", "type": "int", "aliases": ["b"], "default": 1}]}
    )
    (only, *_) = check_level(Level.BACKWARD, reader, _previous(_schema(a="int", b="int")))
    assert only.startswith("Unexpected exception during compatibility check: ")
