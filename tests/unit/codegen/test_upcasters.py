"""Records of old major versions, decoded by generated code and lifted by a function."""

from __future__ import annotations

import itertools
import random
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import ModuleType
from typing import Any, Final

import pytest

from hangarstack.codegen import generate
from hangarstack.errors import DecodeError, ResolutionError, UnsupportedSchemaError, UpcastError
from hangarstack.events.runtime import Codec
from hangarstack.events.runtime.schematext import resolution_key
from tests.support.generated import contract_of, generated, imported
from tests.support.random_bodies import bodies
from tests.support.random_evolutions import evolved
from tests.support.random_schemas import RandomSchemas

Json = dict[str, Any]
Lift = Callable[[Any], Any]
_NUMBERS: Final = itertools.count()


def _fields(*fields: Json) -> Json:
    return {"type": "record", "name": "Event", "fields": [{"name": "id", "type": "string"}, *fields]}


_V1 = _fields({"name": "length", "type": "string"})
_V2 = _fields({"name": "length", "type": "string"}, {"name": "note", "type": "string", "default": "none"})
_V3 = _fields({"name": "length_m", "type": "double"}, {"name": "note", "type": "string"})
_V4 = _fields({"name": "length_m", "type": "double"}, {"name": "note", "type": ["null", "string"]})
_V5 = _fields({"name": "size", "type": {"type": "record", "name": "Size", "fields": [{"name": "m", "type": "double"}]}})
_BODIES: Final = {
    1: b"\2a\0062.5",
    2: b"\2a\0062.5\2n",
    3: b"\2a\0\0\0\0\0\0\4@\2n",
    4: b"\2a\0\0\0\0\0\0\4@\2\2n",
    5: b"\2a\0\0\0\0\0\0\4@",
}


@contextmanager
def _generated(
    *schemas: Json, lifts: Mapping[int, Callable[[Mapping[str, ModuleType]], Lift]]
) -> Iterator[tuple[Codec[Any], Mapping[str, ModuleType]]]:
    """Generate and import an event; each function is made with the generated modules at hand."""
    package = f"lifted_{next(_NUMBERS)}"
    author = ModuleType(f"{package}_by_hand")
    places = {last: f"{author.__name__}:from_v{last}" for last in lifts}
    files = generate([contract_of(*schemas, lifted=places)], package)
    with imported(files, package) as modules:
        for last, make in lifts.items():
            setattr(author, f"from_v{last}", make(modules))
        sys.modules[author.__name__] = author
        try:
            yield modules["event.py"].CODEC, modules
        finally:
            del sys.modules[author.__name__]


def _to_metres(modules: Mapping[str, ModuleType]) -> Lift:
    target = getattr(modules.get("event_v4.py"), "EventV4", None) or modules["event.py"].Event
    return lambda old: target(id=old.id, length_m=float(old.length), note=old.note)


def _to_size(modules: Mapping[str, ModuleType]) -> Lift:
    event = modules["event.py"]
    return lambda old: event.Event(id=old.id, size=event.Size(m=old.length_m))


def test_records_of_an_old_major_are_resolved_to_its_last_version_and_lifted() -> None:
    with _generated(_V1, _V2, _V3, _V4, lifts={2: _to_metres}) as (codec, modules):
        event = modules["event.py"].Event
        assert codec.decode(1, _BODIES[1]) == event(id="a", length_m=2.5, note="none")
        for version in (2, 3, 4):
            assert codec.decode(version, _BODIES[version]) == event(id="a", length_m=2.5, note="n")
        assert codec.encode(codec.decode(1, _BODIES[1])) == b"\2a\0\0\0\0\0\0\4@\2\10none"


def test_records_of_the_oldest_major_are_lifted_from_major_to_major() -> None:
    with _generated(_V1, _V2, _V3, _V4, _V5, lifts={2: _to_metres, 4: _to_size}) as (codec, modules):
        assert [codec.encode(codec.decode(version, body)) for version, body in _BODIES.items()] == [_BODIES[5]] * 5
        assert modules["event_v2.py"].EventV2(id="a", length="1").note == "none"


def test_a_writers_schema_finds_the_decoder_that_lifts() -> None:
    with _generated(
        _V1,
        _V3,
        lifts={
            1: lambda modules: lambda old: modules["event.py"].Event(id=old.id, length_m=float(old.length), note="")
        },
    ) as (codec, _):
        assert codec.decode_foreign(codec.versions[1], _BODIES[1]).length_m == 2.5


def test_old_classes_are_frozen_and_are_not_offered_by_the_package() -> None:
    with _generated(_V1, _V2, _V3, lifts={2: _to_metres}) as (_, modules):
        old = modules["event_v2.py"].EventV2(id="a", length="1")
        with pytest.raises(AttributeError):
            old.length = "2"
        assert modules["__init__.py"].__all__ == ["CODECS", "EVENT", "Event"]


def _failing(error: Exception) -> Callable[[Mapping[str, ModuleType]], Lift]:
    def function(_old: object) -> object:
        raise error

    return lambda _modules: function


@pytest.mark.parametrize(
    ("made", "what"),
    [
        (lambda _: lambda old: float(old.note), r"the upcaster failed: ValueError at test_upcasters\.py:\d+"),
        (_failing(RuntimeError("secret")), r"the upcaster failed: RuntimeError at test_upcasters\.py:\d+"),
        (_failing(DecodeError("no length before 1950")), "no length before 1950"),
        (lambda _: lambda _old: None, "the upcaster returned NoneType, not Event"),
        (lambda _: lambda: None, "the upcaster failed: TypeError"),
    ],
)
def test_what_goes_wrong_in_a_function_is_a_decode_error_with_event_version_and_function(
    made: Callable[[Mapping[str, ModuleType]], Lift], what: str
) -> None:
    with _generated(_V1, _V2, _V3, lifts={2: made}) as (codec, _), pytest.raises(UpcastError, match=what) as caught:
        codec.decode(1, _BODIES[1])
    assert caught.value.where.startswith("Event v1, lifted by lifted_")
    assert caught.value.where.endswith("_by_hand:from_v2")
    assert "secret" not in str(caught.value)
    assert isinstance(caught.value, DecodeError)


def test_want_of_memory_is_not_blamed_on_the_record() -> None:
    with _generated(_V1, _V2, _V3, lifts={2: _failing(MemoryError())}) as (codec, _), pytest.raises(MemoryError):
        codec.decode(1, _BODIES[1])


def test_bytes_that_are_no_record_are_told_before_anything_is_lifted() -> None:
    with _generated(_V1, _V2, _V3, lifts={2: _to_metres}) as (codec, _):
        with pytest.raises(DecodeError, match="end within") as caught:
            codec.decode(1, _BODIES[1][:-1])
        assert caught.value.where == "EventV2.length"


def test_a_break_without_a_function_is_still_refused() -> None:
    with _generated(_V1, _V3, _V5, lifts={2: _to_size}) as (codec, _), pytest.raises(ResolutionError):
        codec.decode(1, _BODIES[1])


def test_versions_of_two_majors_that_look_alike_are_refused() -> None:
    feet = _fields({"name": "length", "type": "int", "doc": "Feet."})
    metres = _fields({"name": "length", "type": "int", "doc": "Metres."})
    assert resolution_key(str(feet).replace("'", '"')) == resolution_key(str(metres).replace("'", '"'))
    with pytest.raises(UnsupportedSchemaError, match="versions 1 and 3 differ in no name and no type"):
        generate([contract_of(feet, _V1, metres, lifted={1: "m:f"})], "generated")
    generate([contract_of(feet, metres, _V1, lifted={2: "m:f"})], "generated")


def test_an_upcaster_renames_no_module_of_another_event() -> None:
    other = contract_of(_V1 | {"name": "EventV1"}, name="EventV1")
    files = generate([contract_of(_V1, _V3, lifted={1: "m:f"}), other], "generated")
    assert {"event.py", "event_v1.py", "event_v1_.py"} <= files.keys()
    assert "EventV1: " in files["event_v1.py"].splitlines()[2]


def test_imports_of_one_module_are_in_the_linters_order() -> None:
    text = generate([contract_of(_V1, _V3, _V5, lifted={1: "m:f", 2: "m:g"})], "generated")["event.py"]
    lines = [line for line in text.splitlines() if line.startswith("from generated.event_v2 import")]
    assert [line.split()[3] for line in lines] == ["EventV2", "decode_v2"]


def test_another_function_is_another_text_and_the_same_is_the_same() -> None:
    one, again, other = (
        generate([contract_of(_V1, _V3, lifted={1: function})], "generated") for function in ("m:f", "m:f", "m:g")
    )
    assert one == again
    assert one["event.py"] != other["event.py"]


def _text_of_all(modules: Mapping[str, ModuleType]) -> Lift:
    return lambda old: modules["event.py"].Event(text=repr(old).replace("EventV2(", "Event("))


def _outcome(codec: Codec[Any], version: int, body: bytes) -> str:
    try:
        event = codec.decode(version, body)
    except DecodeError as error:
        return f"{type(error).__name__}: {error.what}"
    return event.text if hasattr(event, "text") else repr(event)


def test_a_function_gets_what_the_old_majors_own_code_would_have_decoded() -> None:
    lifted = 0
    for number in range(40):
        rng = random.Random(number)
        made = RandomSchemas(rng)
        first = made.record()
        second = evolved(made, first)
        third = {"type": "record", "name": "Third", "fields": [{"name": "text", "type": "string"}]}
        with (
            generated(first, second) as alone,
            _generated(first, second, third, lifts={2: _text_of_all}) as (codec, _),
        ):
            for version, schema in ((1, first), (2, second)):
                for body in _written(rng, schema):
                    outcome = _outcome(codec, version, body)
                    assert outcome == _outcome(alone, version, body), (number, version, body)
                    lifted += outcome.startswith("Event(")
    assert lifted > 100


def _written(rng: random.Random, schema: Json) -> list[bytes]:
    try:
        return bodies(rng, schema, 3)
    except (RecursionError, ValueError):  # a record without an end, an empty union: nothing can be written
        return []
