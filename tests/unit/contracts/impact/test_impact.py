from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hangarstack.contracts.fieldpaths import fields_by_path
from hangarstack.contracts.impact import Declared, Effect, Touched, change, deploy_order, touched
from hangarstack.contracts.tree import Seen, load_contract
from tests.unit.contracts.test_fieldpaths import doubling
from tests.unit.contracts.trees import CONTRACT, make_tree, ping

Json = dict[str, Any]

READ_BY_ONE = CONTRACT.replace("consumers = []", 'consumers = ["one"]')
OPTIONAL: Json = {"name": "n", "type": ["null", "int"], "default": None}
REQUIRED: Json = {"name": "n", "type": "int"}


def _field(type_: object, **more: object) -> Json:
    return {"name": "n", "type": type_, **more}


def _inner(*fields: Json) -> Json:
    record = {"type": "record", "name": "I", "fields": list(fields)}
    return _field(["null", {"type": "array", "items": record}], default=None)


def _touched(root: Path, *versions: Json, reads: tuple[str, ...] = ("n",), version: int = 1) -> Touched:
    contract = load_contract(make_tree(root, *versions, contract=READ_BY_ONE), Seen())
    proposed = change(contract, contract.versions[-2], contract.current)
    (found,) = touched(proposed, [Declared(consumer="one", event="Ping", version=version, fields=reads)])
    return found


def _decimal(scale: int) -> Json:
    return _field({"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": scale}, default="")


def _status(*symbols: str) -> Json:
    return _field({"type": "enum", "name": "Status", "symbols": ["UNKNOWN", *symbols], "default": "UNKNOWN"})


def _order(root: Path, *versions: Json, contract: str = READ_BY_ONE) -> tuple[str, ...]:
    found = load_contract(make_tree(root, *versions, contract=contract), Seen())
    proposed = change(found, found.versions[-2], found.current)
    return deploy_order(proposed, touched(proposed, []))


def test_a_service_that_reads_nothing_of_the_change_is_untouched(tmp_path: Path) -> None:
    found = _touched(tmp_path, ping(), ping(OPTIONAL), reads=("id",))
    assert (found.effect, found.reasons, found.declared) == (Effect.NONE, (), 1)


def test_a_service_only_loses_data_where_a_field_that_it_reads_becomes_its_default(tmp_path: Path) -> None:
    found = _touched(tmp_path, ping(OPTIONAL), ping())
    assert (found.effect, [effect for effect, _ in found.reasons]) == (Effect.LOSES, [Effect.LOSES, Effect.CHANGES])
    assert found.reasons[0][1] == "as it is deployed now with v1, n of events of v2 is always its default"
    assert found.reasons[1][1] == "its code must change: n is gone from v2"


def test_a_service_that_is_deployed_cannot_read_a_new_version_without_its_field(tmp_path: Path) -> None:
    found = _touched(tmp_path, ping(REQUIRED), ping())
    assert found.effect is Effect.FIRST
    assert "the reader needs the field n" in found.reasons[0][1]


def test_a_new_version_that_cannot_read_what_is_in_the_topic_is_deployed_last(tmp_path: Path) -> None:
    found = _touched(tmp_path, ping(), ping(REQUIRED))
    assert found.effect is Effect.LAST
    assert found.reasons[0][1].startswith("once it is deployed with v2, it cannot read events of v1")


def test_what_breaks_in_both_directions_breaks_in_any_order(tmp_path: Path) -> None:
    found = _touched(tmp_path, ping(_field("int")), ping(_field("string")))
    assert [effect for effect, _ in found.reasons] == [Effect.BREAKS, Effect.BREAKS]


def test_every_version_that_may_still_be_in_the_topic_counts(tmp_path: Path) -> None:
    found = _touched(tmp_path, ping(), ping(OPTIONAL), ping(REQUIRED | {"type": ["null", "int"]}))
    assert [sentence.partition(":")[0] for _, sentence in found.reasons] == [
        "once it is deployed with v3, it cannot read events of v1"
    ]


def test_what_is_read_wrong_is_shown_with_both_values(tmp_path: Path) -> None:
    found = _touched(tmp_path, ping(_field("int")), ping(_field("float")))
    assert Effect.MIXED in [effect for effect, _ in found.reasons]
    assert any("written 16777217, read 16777216.0" in sentence for _, sentence in found.reasons)


def test_what_is_read_wrong_in_a_field_that_the_service_does_not_read_is_none_of_its_business(tmp_path: Path) -> None:
    found = _touched(tmp_path, ping(_field("int")), ping(_field("float")), reads=("id",))
    assert [effect for effect, _ in found.reasons] == [Effect.FIRST]


def test_a_consumer_reads_as_the_version_that_it_declares(tmp_path: Path) -> None:
    versions = ping(_field("int")), ping(_field("long")), ping(_field("long"), OPTIONAL | {"name": "o"})
    old = _touched(tmp_path / "1", *versions, version=1)
    assert old.effect is Effect.BROKEN
    assert old.reasons[0][1].startswith("as it is deployed now with v1, it cannot read events of v3: ")
    assert old.reasons[0][1].endswith("; nor could it read those of v2 before")
    assert _touched(tmp_path / "2", *versions, version=2).effect is Effect.NONE


def test_a_consumer_two_versions_behind_breaks_though_the_version_in_use_does_not(tmp_path: Path) -> None:
    versions = ping(REQUIRED), ping(REQUIRED | {"default": 0}), ping()
    assert _touched(tmp_path / "1", *versions, version=1).effect is Effect.FIRST
    assert _touched(tmp_path / "2", *versions, version=2).effect is Effect.LOSES


def test_code_that_is_ahead_of_the_change_does_not_hide_what_is_still_deployed(tmp_path: Path) -> None:
    found = _touched(tmp_path, ping(_field("int")), ping(_field("long")), version=2)
    assert found.effect is Effect.FIRST
    assert found.reasons[0][1].startswith("while it is still deployed with v1, ")


@pytest.mark.parametrize(
    ("before", "after", "effect"),
    [(("SENT",), (), Effect.LOSES), ((), ("SENT",), Effect.LOSES_UNLESS_FIRST)],
)
def test_a_symbol_that_is_read_as_the_default_is_lost(
    tmp_path: Path, before: tuple[str, ...], after: tuple[str, ...], effect: Effect
) -> None:
    found = _touched(tmp_path / "n", ping(_status(*before)), ping(_status(*after)))
    assert found.effect is effect
    assert "SENT is read as UNKNOWN" in found.reasons[0][1]
    assert _touched(tmp_path / "id", ping(_status(*before)), ping(_status(*after)), reads=("id",)).effect is Effect.NONE


def test_what_was_lost_before_the_change_is_not_laid_to_it(tmp_path: Path) -> None:
    two = ping(OPTIONAL, _status() | {"name": "s"})
    versions = ping(_status("SENT") | {"name": "s"}), two, two
    assert _touched(tmp_path / "same", *versions, version=2, reads=("n", "s")).reasons == ()
    new = two | {"fields": [*two["fields"], OPTIONAL | {"name": "o"}]}
    assert _touched(tmp_path / "new", ping(), two, new, version=2).reasons == ()
    assert _touched(tmp_path / "ahead", ping(), two, new, version=3, reads=("n", "o")).reasons == ()


def test_what_was_misread_before_the_change_is_told_apart(tmp_path: Path) -> None:
    found = _touched(tmp_path, ping(_decimal(2)), ping(_decimal(3)), ping(_decimal(3)))
    assert Effect.MISREAD in [effect for effect, _ in found.reasons]
    (sentence,) = [sentence for effect, sentence in found.reasons if effect is Effect.MISREAD]
    assert sentence.endswith("; those of v2 it misreads so already")


def test_what_could_not_be_tried_is_not_called_misread(tmp_path: Path) -> None:
    wide = {"type": "enum", "name": "E", "symbols": [f"S{number}" for number in range(600)]}
    found = _touched(tmp_path, ping(), ping(_field(wide, default="S0")))
    assert Effect.MISREADS not in [effect for effect, _ in found.reasons]
    assert Effect.UNTRIED in [effect for effect, _ in found.reasons]
    assert not found.stops


def test_what_aliases_make_of_another_field_is_misread(tmp_path: Path) -> None:
    renamed = ping(_field("int", default=7, aliases=["h"]), _field("int", default=8, aliases=["n"]) | {"name": "g"})
    for reads in ("n", "g"):
        found = _touched(tmp_path / reads, ping(_field("int") | {"name": "h"}), renamed, reads=(reads,), version=2)
        assert found.stops
        assert any("it misreads" in sentence and "of events of v1" in sentence for _, sentence in found.reasons)


def test_what_only_fastavro_misreads_may_be_misread_and_stops_no_deployment(tmp_path: Path) -> None:
    found = _touched(tmp_path, ping(), ping(_field("bytes", default="\u00ff")))
    assert [effect for effect, _ in found.reasons] == [Effect.UNTRIED]
    assert found.reasons[0][1].startswith("once it is deployed with v2, n of events of v1: ")
    assert "fastavro" in found.reasons[0][1]
    assert not found.stops


def test_a_schema_that_only_fastavro_refuses_may_be_misread_and_stops_no_deployment(tmp_path: Path) -> None:
    found = _touched(tmp_path, ping(), ping(_field({"type": "double"}, default=2)))
    assert {effect for effect, _ in found.reasons} == {Effect.UNTRIED}
    start = "once it is deployed with v2, events of v1: fastavro, and so confluent_kafka's deserializer, refuses"
    assert any(sentence.startswith(start) for _, sentence in found.reasons)
    assert not found.stops


def test_a_field_that_is_misread_is_found_by_its_alias(tmp_path: Path) -> None:
    renamed = _field("float", default=0) | {"name": "number", "aliases": ["n"]}
    assert _touched(tmp_path, ping(_field("int")), ping(renamed)).effect is Effect.MIXED
    reasons = _touched(tmp_path / "2", ping(_field("int", default=0)), ping(renamed)).reasons
    assert any("it misreads n of events of v1" in sentence for _, sentence in reasons)


def test_a_field_that_was_renamed_is_told_by_its_new_name(tmp_path: Path) -> None:
    found = _touched(tmp_path, ping(OPTIONAL), ping(OPTIONAL | {"name": "number", "aliases": ["n"]}))
    assert (Effect.CHANGES, "its code must change: n is called number in v2") in found.reasons


def test_a_field_that_takes_its_value_from_an_alias_loses_nothing(tmp_path: Path) -> None:
    renamed = ping(OPTIONAL | {"name": "number", "aliases": ["n"]})
    assert _touched(tmp_path, ping(OPTIONAL), renamed, reads=("number",)).effect is Effect.NONE


@pytest.mark.parametrize("path", ["n.a", "n.b"])
def test_fields_of_records_within_arrays_are_followed(tmp_path: Path, path: str) -> None:
    both = [{"name": "a", "type": "int", "default": 0}, {"name": "b", "type": "int", "default": 0}]
    found = _touched(tmp_path, ping(_inner(*both)), ping(_inner(both[1])), reads=(path,))
    assert found.effect is (Effect.LOSES if path == "n.a" else Effect.NONE)


CARD: Json = {"type": "record", "name": "Card", "fields": [{"name": "number", "type": "string", "default": ""}]}


def _bank(*names: str, **more: object) -> Json:
    fields = [{"name": name, "type": "string", "default": ""} for name in names]
    return {"type": "record", "name": "Bank", "fields": fields, **more}


def _how(*branches: object) -> Json:
    return {"name": "how", "type": list(branches), "default": None if branches[0] == "null" else {}}


def _both(root: Path, *versions: Json, reads: tuple[str, ...]) -> set[Effect]:
    """Return what happens to a consumer that declares fields, and to one that does not."""
    contract = load_contract(make_tree(root, *versions, contract=READ_BY_ONE), Seen())
    declared = [Declared(consumer="two", event="Ping", version=1, fields=reads)]
    return {each.effect for each in touched(change(contract, contract.versions[-2], contract.current), declared)}


def test_a_field_that_is_lost_in_a_later_branch_of_a_union_is_lost(tmp_path: Path) -> None:
    versions = ping(_how(CARD, _bank("iban"))), ping(_how(CARD, _bank("bic")))
    assert _both(tmp_path / "1", *versions, reads=("how.iban",)) == {Effect.LOSES}
    found = _touched(tmp_path / "2", *versions, reads=("how.iban",))
    assert [sentence for _, sentence in found.reasons] == [
        "as it is deployed now with v1, how.iban of events of v2 is always its default",
        "its code must change: how.iban is gone from v2",
    ]
    assert _touched(tmp_path / "3", *versions, reads=("how.number",)).effect is Effect.NONE


def test_a_field_that_is_lost_in_one_branch_of_a_union_is_lost_though_others_have_it(tmp_path: Path) -> None:
    versions = ping(_how(CARD, _bank("number", "iban"))), ping(_how(CARD, _bank("iban")))
    found = _touched(tmp_path, *versions, reads=("how.number",))
    assert [sentence for _, sentence in found.reasons] == [
        "as it is deployed now with v1, how.number of events of v2 is always its default in a Bank",
        "its code must change: how.number in a Bank is gone from v2",
    ]


def test_a_field_behind_an_array_in_a_union_is_followed(tmp_path: Path) -> None:
    union = ["null", {"type": "array", "items": "string"}]
    versions = ping(_how(*union, _bank("x", "y"))), ping(_how(*union, _bank("y")))
    assert _both(tmp_path, *versions, reads=("how.x",)) == {Effect.LOSES}


def test_branches_that_change_places_lose_nothing(tmp_path: Path) -> None:
    one, other = CARD, _bank("iban")
    versions = ping(_how(one, other)), ping(_how(other, one))
    assert _both(tmp_path, *versions, reads=("how.iban", "how.number")) == {Effect.NONE}


def test_a_field_that_one_branch_calls_otherwise_is_told_by_both_names(tmp_path: Path) -> None:
    account = {"name": "account", "type": "string", "default": "", "aliases": ["number"]}
    versions = ping(_how(CARD, _bank("number"))), ping(_how(CARD, _bank() | {"fields": [account]}))
    reasons = _touched(tmp_path, *versions, reads=("how.number",)).reasons
    assert (Effect.CHANGES, "its code must change: how.number in a Bank is called how.account in v2") in reasons


def test_a_branch_that_is_written_no_more_is_lost(tmp_path: Path) -> None:
    versions = ping(_how("null", CARD, _bank("iban"))), ping(_how("null", CARD))
    found = _touched(tmp_path, *versions, reads=("how.iban",))
    sentence = "as it is deployed now with v1, how.iban of events of v2 is never written"
    assert (Effect.LOSES, sentence) in found.reasons
    other = _touched(tmp_path / "2", *versions, reads=("how.number",))
    assert [effect for effect, _ in other.reasons] == [Effect.LAST]


@pytest.mark.parametrize("path", ["n", "n.i", "n.i.a"])
def test_whoever_declares_a_record_reads_every_field_of_it(tmp_path: Path, path: str) -> None:
    both = [{"name": name, "type": "int", "default": 0} for name in "ab"]

    def version(*fields: Json) -> Json:
        inner = {"type": "record", "name": "I", "fields": list(fields)}
        outer = {"type": "record", "name": "O", "fields": [{"name": "i", "type": inner, "default": {}}]}
        return ping(_field(outer, default={}))

    found = _touched(tmp_path, version(*both), version(both[1]), reads=(path,))
    assert found.reasons == (
        (Effect.LOSES, "as it is deployed now with v1, n.i.a of events of v2 is always its default"),
        (Effect.CHANGES, "its code must change: n.i.a is gone from v2"),
    )


def test_what_goes_with_the_record_that_it_lies_in_is_told_once(tmp_path: Path) -> None:
    inner = _field(["null", _bank("a", "b")], default=None)
    assert len(_touched(tmp_path / "gone", ping(inner), ping()).reasons) == 2
    versions = ping(inner), ping(inner | {"name": "number", "aliases": ["n"]})
    changes = [sentence for effect, sentence in _touched(tmp_path / "2", *versions).reasons if effect is Effect.CHANGES]
    assert changes == ["its code must change: n is called number in v2"]


def test_a_record_that_is_used_twice_is_followed_at_both_places(tmp_path: Path) -> None:
    bank, other = _bank("iban", namespace="a"), _bank("bic", namespace="b")
    one: Json = {"name": "bill", "type": "a.Bank", "default": {}}
    two: Json = {"name": "ship", "type": "a.Bank", "default": {}}
    versions = ping(one | {"type": bank}, two), ping(one | {"type": bank}, two | {"type": other})
    assert _both(tmp_path, *versions, reads=("ship",)) == {Effect.LOSES}
    assert _touched(tmp_path / "2", *versions, reads=("bill",)).effect is Effect.NONE


def test_a_consumer_of_a_record_within_itself_loses_what_the_record_does(tmp_path: Path) -> None:
    def version(*names: str) -> Json:
        bank = _bank(*names)
        return ping(_field({**bank, "fields": [*bank["fields"], _how("null", "Bank")]}, default={"how": None}))

    assert _both(tmp_path, version("a", "b"), version("b"), reads=("n.how",)) == {Effect.LOSES}


def test_of_a_schema_of_millions_of_paths_it_is_said_that_not_all_were_followed(tmp_path: Path) -> None:
    versions = ping(*doubling(30)), ping(*doubling(30), OPTIONAL)
    found = _touched(tmp_path, *versions, reads=("top",))
    assert found.effect is Effect.UNTRIED
    assert "not every field was followed: " in found.reasons[0][1]
    assert _both(tmp_path / "2", *versions, reads=("top.left",)) == {Effect.UNTRIED}
    assert _touched(tmp_path / "3", *versions, reads=("id",)).effect is Effect.NONE


_TYPES: st.SearchStrategy[tuple[Any, Any]] = st.sampled_from(
    [
        ("P", {}),
        ("Q", {}),
        (["null", "P"], None),
        (["P", "Q"], {}),
        (["Q", "P"], {}),
        (["null", {"type": "array", "items": "P"}, "Q"], None),
        ({"type": "array", "items": "P"}, []),
        ({"type": "map", "values": ["P", "Q"]}, {}),
    ]
)
_LEAVES = st.lists(st.sampled_from("xyz"), unique=True, max_size=3)


@st.composite
def _versions(draw: st.DrawFn) -> Json:
    """A version with a few fields of two records, each with a few fields of its own."""
    fields = [
        {"name": f"f{index}", "type": type_, "default": default}
        for index, (type_, default) in enumerate(draw(st.lists(_TYPES, max_size=2)))
    ]
    records = {
        name: {"type": "record", "name": name, "fields": [number | {"name": leaf} for leaf in draw(_LEAVES)]}
        for name in "PQ"
        for number in [{"type": "int", "default": 0}]
    }
    return ping(*(field | {"type": _defined(field["type"], records)} for field in fields))


def _defined(type_: Any, records: dict[str, Json]) -> Any:
    """Return a type with each record written out where it is named first."""
    if isinstance(type_, list):
        return [_defined(each, records) for each in type_]
    if isinstance(type_, dict):
        return {key: _defined(each, records) for key, each in type_.items()}
    return records.pop(type_, type_) if isinstance(type_, str) else type_


@settings(max_examples=60, deadline=None)
@given(old=_versions(), new=_versions())
def test_whoever_declares_all_fields_is_hit_as_whoever_declares_none(old: Json, new: Json) -> None:
    with tempfile.TemporaryDirectory() as root:
        contract = load_contract(make_tree(Path(root), old, new, contract=READ_BY_ONE), Seen())
    schema = contract.versions[0].schema
    every = {
        "outermost": tuple(field.name for field in schema.fields),
        "each": tuple(path for path, _ in fields_by_path(schema)),
        "backwards": tuple(path for path, _ in fields_by_path(schema))[::-1],
    }
    declared = [Declared(consumer=name, event="Ping", version=1, fields=fields) for name, fields in every.items()]
    none, *all_ = touched(change(contract, *contract.versions), declared)
    assert none.consumer == "one"
    assert [(each.effect, set(each.reasons)) for each in all_] == [(none.effect, set(none.reasons))] * len(all_)


def test_a_consumer_that_declares_nothing_is_taken_to_read_everything(tmp_path: Path) -> None:
    contract = load_contract(make_tree(tmp_path, ping(OPTIONAL), ping(), contract=READ_BY_ONE), Seen())
    (found,) = touched(change(contract, contract.versions[0], contract.current), [])
    assert (found.consumer, found.declared, found.effect) == ("one", None, Effect.LOSES)


def test_a_service_that_declares_what_the_contract_does_not_know_of_is_listed_too(tmp_path: Path) -> None:
    contract = load_contract(make_tree(tmp_path, ping(), ping()), Seen())
    declared = [
        Declared(consumer=name, event=event, version=1, fields=("id",))
        for name, event in (("two", "Ping"), ("x", "Pong"))
    ]
    found = touched(change(contract, contract.versions[0], contract.current), declared)
    assert [each.consumer for each in found] == ["two"]


def test_consumers_go_first_where_the_old_cannot_read_the_new(tmp_path: Path) -> None:
    steps = _order(tmp_path, ping(_field("int")), ping(_field("long")))
    assert [step.split()[2] for step in steps[1:]] == ["consumers", "producers"]
    assert "either order" not in steps[1]


def test_producers_go_first_and_old_events_end_where_the_new_cannot_read_the_old(tmp_path: Path) -> None:
    daily = READ_BY_ONE.replace("retention_ms = -1", "retention_ms = 86400000")
    steps = _order(tmp_path, ping(), ping(REQUIRED), contract=daily)
    assert [step.split()[0] for step in steps] == ["Register", "Deploy", "Wait", "Deploy"]
    assert "producers" in steps[1]
    assert "no event of v1 is left in pings, 1 days at most" in steps[2]


def test_consumers_of_different_versions_are_deployed_each_in_its_time(tmp_path: Path) -> None:
    both = READ_BY_ONE.replace('["one"]', '["one", "two"]').replace("retention_ms = -1", "retention_ms = 86400000")
    versions = ping(_field("int")), ping(OPTIONAL), ping(OPTIONAL | {"type": ["null", "int", "long"]})
    contract = load_contract(make_tree(tmp_path, *versions, contract=both), Seen())
    declared = [
        Declared(consumer=name, event="Ping", version=version, fields=("n",))
        for name, version in (("one", 2), ("two", 1))
    ]
    proposed = change(contract, contract.versions[1], contract.current)
    found = touched(proposed, declared)
    assert [each.effect for each in found] == [Effect.FIRST, Effect.BROKEN]
    steps = deploy_order(proposed, found)
    assert [step.partition(":")[0] for step in steps[1:]] == [
        "Deploy the consumers (one, two)",
        "Deploy the producers (a)",
    ]


def test_what_is_misread_stops_the_deployment_and_is_named(tmp_path: Path) -> None:
    steps = _order(tmp_path, ping(_decimal(2)), ping(_decimal(3)))
    assert steps[0].startswith(
        "No order works for one: deployed before the producers, what is in the topic is read as wrong "
    )
    assert "without an error" in steps[0]
    assert "new optional field" in steps[1]
    assert len(steps) == 2


def test_either_order_works_where_both_read_each_other(tmp_path: Path) -> None:
    assert "either order works" in _order(tmp_path, ping(), ping(OPTIONAL))[1]


def test_no_order_works_where_neither_reads_the_other(tmp_path: Path) -> None:
    steps = _order(tmp_path, ping(_field("int")), ping(_field("string")))
    assert steps[0].startswith("No order works")
    assert "new topic" in steps[1]


def test_without_consumers_only_the_producers_are_deployed(tmp_path: Path) -> None:
    steps = _order(tmp_path, ping(_field("int")), ping(_field("string")), contract=CONTRACT)
    assert [step.split()[0] for step in steps] == ["Register", "Deploy"]


# What a deployed reader gets from the new events when a field goes from the first type to the second; the new version
# is right about the old events. The other way round it is the new version that goes wrong.
HARM: dict[str, tuple[object, object]] = {
    "right": ("string", "string"),
    "loses": (
        {"type": "enum", "name": "{}", "symbols": ["A"], "default": "A"},
        {"type": "enum", "name": "{}", "symbols": ["A", "B"], "default": "A"},
    ),
    "misreads": (["null", "float"], ["null", "int", "float"]),
    "breaks": ("int", "long"),
}
TABLE = {
    # the deployed reader of new events, the new version of old ones: the effect, and who goes first
    ("right", "right"): (Effect.NONE, "either"),
    ("right", "loses"): (Effect.LOSES, "either"),
    ("right", "misreads"): (Effect.MISREADS_UNLESS_LAST, "producers"),
    ("right", "breaks"): (Effect.LAST, "producers"),
    ("loses", "right"): (Effect.LOSES_UNLESS_FIRST, "consumers"),
    ("loses", "loses"): (Effect.LOSES, "either"),
    ("loses", "misreads"): (Effect.MISREADS_UNLESS_LAST, "producers"),
    ("loses", "breaks"): (Effect.LAST, "producers"),
    ("misreads", "right"): (Effect.MISREADS_UNLESS_FIRST, "consumers"),
    ("misreads", "loses"): (Effect.MISREADS_UNLESS_FIRST, "consumers"),
    ("misreads", "misreads"): (Effect.MISREADS, "nobody"),
    ("misreads", "breaks"): (Effect.MIXED, "nobody"),
    ("breaks", "right"): (Effect.FIRST, "consumers"),
    ("breaks", "loses"): (Effect.FIRST, "consumers"),
    ("breaks", "misreads"): (Effect.MIXED, "nobody"),
    ("breaks", "breaks"): (Effect.BREAKS, "nobody"),
}


def _named(name: str, type_: object) -> Json:
    filled = type_ | {"name": name.upper()} if isinstance(type_, dict) else type_
    return _field(filled) | {"name": name}


def _first(steps: tuple[str, ...]) -> str:
    if steps[0].startswith("No order works for one: "):
        return "nobody"
    return "either" if "either order works" in steps[1] else steps[1].split()[2]


@pytest.mark.parametrize("cell", TABLE)
def test_every_pair_of_harms_has_its_order(tmp_path: Path, cell: tuple[str, str]) -> None:
    effect, first = TABLE[cell]
    (a_old, a_new), (b_new, b_old) = HARM[cell[0]], HARM[cell[1]]
    versions = ping(_named("a", a_old), _named("b", b_old)), ping(_named("a", a_new), _named("b", b_new))
    contract = load_contract(make_tree(tmp_path, *versions, contract=READ_BY_ONE), Seen())
    proposed = change(contract, contract.versions[0], contract.current)
    services = touched(proposed, [])
    steps = deploy_order(proposed, services)
    assert (services[0].effect, _first(steps)) == (effect, first)
    assert services[0].stops is (first == "nobody")
    assert any(step.startswith("Wait until no event of v1 ") for step in steps) is (first == "producers")


def test_what_the_new_version_misreads_must_have_ended(tmp_path: Path) -> None:
    narrow, wide = HARM["misreads"]
    steps = _order(tmp_path, ping(_field(wide)), ping(_field(narrow)), ping(_field(narrow)))
    assert "either order works" in steps[1]
    steps = _order(tmp_path / "2", ping(_field(wide)), ping(_field(wide)), ping(_field(narrow)))
    assert steps[2] == "Wait until no event of v1 and v2 is left in pings, which keeps events for ever: v3 misreads it."


def test_an_error_on_some_values_is_no_wrong_value(tmp_path: Path) -> None:
    found = _touched(tmp_path, ping(_field("string")), ping(_field("bytes")))
    assert [effect for effect, _ in found.reasons] == [Effect.FIRST]
    assert "as it is deployed now with v1, it fails on n of events of v2 (written b'" in found.reasons[0][1]
    assert ", and then UnicodeDecodeError" in found.reasons[0][1]
    back = _touched(tmp_path / "back", ping(_field("bytes")), ping(_field("string")))
    assert [effect for effect, _ in back.reasons] == [Effect.LAST]


def test_a_consumer_that_breaks_already_loses_nothing_by_waiting(tmp_path: Path) -> None:
    versions = ping(_field("int")), ping(_field("boolean")), ping(_field("boolean"), OPTIONAL | {"name": "o"})
    found = _touched(tmp_path, *versions, version=1)
    assert [effect for effect, _ in found.reasons] == [Effect.LAST, Effect.BROKEN]
    assert found.ends == (1,)
