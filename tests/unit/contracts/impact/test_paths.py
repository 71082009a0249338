from __future__ import annotations

from typing import Any

import pytest

from hangarstack.contracts.impact.paths import Paths, Source, called_in, lost
from hangarstack.contracts.schema import Record, parse_schema

Json = dict[str, Any]
WRITTEN, DEFAULTED = Source.WRITTEN, Source.DEFAULTED


def number(name: str, **more: object) -> Json:
    return {"name": name, "type": "int", "default": 0, **more}


def record(name: str, *fields: Json, **more: object) -> Json:
    return {"type": "record", "name": name, "fields": list(fields), **more}


def _root(type_: object) -> Record:
    found = parse_schema(record("R", {"name": "how", "type": type_}))
    assert isinstance(found, Record)
    return found


def _sources(path: str, reader: object, writer: object) -> dict[str, Source]:
    return {place.reader: place.source for place in Paths(_root(reader), _root(writer)).places(path)}


CARD, BANK = record("Card", number("no")), record("Bank", number("no"), number("iban"))


def test_a_path_is_followed_into_every_record_of_a_union() -> None:
    assert _sources("how.no", [CARD, BANK], [CARD, BANK]) == {"Card": WRITTEN, "Bank": WRITTEN}
    assert _sources("how.iban", [CARD, BANK], [CARD, BANK]) == {"Bank": WRITTEN}
    assert _sources("how.bic", [CARD, BANK], [CARD, BANK]) == {}


def test_a_path_is_followed_into_every_array_map_and_record_of_a_union() -> None:
    type_ = ["null", {"type": "array", "items": "string"}, {"type": "map", "values": CARD}, BANK]
    assert _sources("how.no", type_, type_) == {"Card": WRITTEN, "Bank": WRITTEN}


def test_branches_are_paired_by_name_in_whatever_order_they_are() -> None:
    assert _sources("how.iban", [CARD, BANK], [BANK, CARD]) == {"Bank": WRITTEN}
    less = record("Bank", number("no"))
    assert _sources("how.iban", [CARD, BANK], [less, CARD]) == {"Bank": DEFAULTED}


def test_branches_are_paired_by_the_reader_s_aliases() -> None:
    renamed = record("Account", number("iban"), aliases=["Bank"])
    assert _sources("how.iban", [CARD, renamed], [BANK, CARD]) == {"Account": WRITTEN}


def test_a_branch_of_another_name_is_paired_where_it_can_be_read() -> None:
    needs = record("Card", {"name": "pin", "type": "int"})
    elsewhere = record("Bank", number("iban"), namespace="elsewhere")
    assert _sources("how.iban", [needs, BANK], elsewhere) == {"Bank": WRITTEN}
    assert _sources("how.iban", [needs], elsewhere) == {}


@pytest.mark.parametrize(
    ("reader", "writer"), [([CARD, BANK], BANK), (BANK, ["null", BANK]), (["null", BANK], BANK), ([BANK], [CARD, BANK])]
)
def test_a_plain_record_meets_a_union(reader: object, writer: object) -> None:
    places = Paths(_root(reader), _root(writer)).places("how.iban")
    assert ("Bank", "Bank", WRITTEN) in {(place.reader, place.writer, place.source) for place in places}


def test_a_branch_that_is_never_written_is_no_place() -> None:
    assert _sources("how.no", [CARD, BANK], [CARD]) == {"Card": WRITTEN}


def test_what_lies_within_a_field_that_the_writer_lacks_is_defaulted() -> None:
    outer = record("Outer", {"name": "inner", "type": [CARD, BANK], "default": {}})
    assert _sources("how.inner.iban", outer, record("Outer")) == {"Bank": DEFAULTED}
    assert _sources("how.inner.bic", outer, record("Outer")) == {}


def test_the_writer_s_names_are_found_in_each_branch() -> None:
    one, two = (record(name, number("x", aliases=[f"old_{name}"])) for name in ("a", "b"))
    theirs = [record("a", number("old_a")), record("b", number("old_b"))]
    paths = Paths(_root([one, two]), _root(theirs))
    assert paths.written_as("how.x") == ("how.old_a", "how.old_b")
    assert paths.written_as("how.y") == ("how.y",)


def test_a_field_may_be_called_otherwise_in_one_branch_only() -> None:
    new = _root([CARD, record("Bank", number("account", aliases=["no"]))])
    assert called_in("how.no", new) == ("how.no", "how.account")
    assert called_in("how.gone", new) == ()


def test_a_field_is_found_within_one_that_is_called_otherwise() -> None:
    new = parse_schema(record("R", {"name": "way", "aliases": ["how"], "type": CARD}))
    assert isinstance(new, Record)
    assert called_in("how.no", new) == ("way.no",)


def test_a_branch_that_lost_a_field_before_does_not_hide_one_that_loses_it_now() -> None:
    reader = _root([CARD, BANK])
    card, bank = record("Card"), record("Bank", number("iban"))
    before = Paths(reader, _root([CARD, bank])).places("how.no")
    now = Paths(reader, _root([card, bank])).places("how.no")
    assert [place.reader for place in lost(now, before, same_reader=True)] == ["Card"]
    assert lost(before, before, same_reader=True) == ()


def test_a_record_in_two_branches_of_which_one_lacked_it_is_lost_when_the_other_does() -> None:
    def union(*lacking: str) -> list[Json]:
        inner = {"X": CARD, "Y": "Card"} if "X" not in lacking else {"Y": CARD}
        fields = {name: [{"name": "inner", "type": type_, "default": {}}] for name, type_ in inner.items()}
        return [record(name, *(fields.get(name, []) if name not in lacking else [])) for name in "XY"]

    reader = _root(union())
    before, now = (Paths(reader, _root(union(*lacking))).places("how.inner.no") for lacking in ("Y", "XY"))
    assert [place.writer for place in lost(now, before, same_reader=True)] == ["X"]


def test_a_path_through_many_branches_takes_no_time() -> None:
    names = [f"K{index}" for index in range(8)]
    kinds = [record(name, {"name": "l", "type": ["null", "K0"]}) for name in names]
    kinds[0]["fields"][0]["type"] = ["null", "K0", *kinds[1:]]
    for kind in kinds[1:]:
        kind["fields"][0]["type"] = ["null", "K0", kind["name"]]
    schema = _root(kinds[0])
    assert Paths(schema, schema).places("how" + ".l" * 60)
