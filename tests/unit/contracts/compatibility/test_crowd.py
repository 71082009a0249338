from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import pytest

from hangarstack.contracts.compatibility import check
from hangarstack.contracts.compatibility.crowd import Crowd
from hangarstack.contracts.compatibility.shortcut import Shortcut
from hangarstack.contracts.schema import Parser, Record
from hangarstack.contracts.schema.memory import Memory
from hangarstack.errors import InvalidSchemaError
from tests.support.random_evolutions import evolved
from tests.support.random_schemas import RandomSchemas

Json = dict[str, Any]


def _record(*fields: Json, **more: object) -> Json:
    return {"type": "record", "name": "R", "fields": list(fields), **more}


def _field(name: str, type_: object, **more: object) -> Json:
    return {"name": name, "type": type_, **more}


def _compatible(reader: Record, writer: Record) -> bool:
    try:
        return check(reader, writer).compatible
    except InvalidSchemaError:
        return False


def _said(earlier: Sequence[Json], new: Json) -> tuple[bool, bool]:
    """Return whether it reads all and is read by all, having made sure that nothing is promised that is not so."""
    memory = Memory()
    past, record = [_parsed(each, memory) for each in earlier], _parsed(new, memory)
    crowd = Crowd(Shortcut())
    for each in past:
        crowd.add(each)
    reads, is_read = crowd.is_read_by(record), crowd.reads(record)
    if reads:
        assert all(_compatible(record, each) for each in past)
    if is_read:
        assert all(_compatible(each, record) for each in past)
    return reads, is_read


def _parsed(schema: Json, memory: Memory) -> Record:
    record = Parser(memory=memory).parse(schema)
    assert isinstance(record, Record)
    return record


@pytest.mark.parametrize("seed", range(60))
def test_it_never_says_yes_where_the_checker_says_no(seed: int) -> None:
    made = RandomSchemas(random.Random(seed))
    versions = [made.record()]
    for _ in range(6):
        # A step back now and then, so that fields come and go.
        versions.append(evolved(made, made.rng.choice(versions[-2:])))
        _said(versions[:-1], versions[-1])


def test_optional_fields_may_come_and_go() -> None:
    first, added = _record(_field("a", "int")), _record(_field("a", "int"), _field("b", "int", default=0))
    assert _said([first], added) == (True, True)
    assert _said([first, added], first) == (True, True)


def test_a_field_that_only_some_write_needs_a_default() -> None:
    first, added = _record(_field("a", "int")), _record(_field("a", "int"), _field("b", "int"))
    assert _said([first, added], added) == (False, True)
    assert _said([first, added], first) == (True, False)


def test_a_type_that_widened_is_judged_with_each_type_that_it_had() -> None:
    narrow, wide, text = (_record(_field("a", kind)) for kind in ("int", "long", "string"))
    assert _said([narrow], wide) == (True, False)
    assert _said([narrow, wide], wide) == (True, False)
    assert _said([wide, narrow], narrow) == (False, True)
    assert _said([narrow, text], narrow) == (False, False)


def test_aliases_are_left_to_the_checker() -> None:
    first = _record(_field("a", "int"))
    assert _said([first], _record(_field("b", "int", aliases=["a"]))) == (False, False)
    assert _said([_record(_field("b", "int", aliases=["a"]))], first) == (False, False)


def test_a_type_that_does_not_do_for_itself_is_left_to_the_checker() -> None:
    inner = {"type": "record", "name": "S", "fields": [_field("a", "int"), _field("b", "int", aliases=["a"])]}
    record = _record(_field("s", inner))
    assert _said([record], record) == (False, False)


def test_records_of_other_names_are_no_versions_of_one_another() -> None:
    assert _said([_record(), _record(name="S")], _record()) == (False, False)


def test_a_record_of_another_name_is_read_only_if_every_version_has_that_alias() -> None:
    assert _said([_record(aliases=["S"])], _record(name="S")) == (False, True)
    assert _said([_record(aliases=["S"]), _record()], _record(name="S")) == (False, False)
    assert _said([_record(), _record(aliases=["S"])], _record(name="S")) == (False, False)


def test_a_record_that_holds_itself_is_left_to_the_checker() -> None:
    assert _said([_record()], _record(_field("next", ["null", "R"]))) == (False, False)
    assert _said([_record(_field("next", ["null", "R"]))], _record()) == (False, False)
