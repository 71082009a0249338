from __future__ import annotations

import copy
import pickle
from collections.abc import Mapping
from dataclasses import FrozenInstanceError
from typing import Any

import pytest

from benchmarks.samples import SAMPLES
from hangarstack.events import AIRCRAFT_VIEW, CODECS, AircraftView, DeviceKind, ViewSource
from hangarstack.events.runtime import new_event_id, now

_IDS = [type(event).__name__ for event in SAMPLES]


@pytest.mark.parametrize("event", SAMPLES, ids=_IDS)
def test_no_field_of_an_event_can_be_set_or_deleted(event: Any) -> None:
    for name in event.__slots__:
        with pytest.raises(FrozenInstanceError):
            setattr(event, name, None)
        with pytest.raises(FrozenInstanceError):
            delattr(event, name)


@pytest.mark.parametrize("event", SAMPLES, ids=_IDS)
def test_no_container_within_an_event_can_be_changed(event: Any) -> None:
    for name in event.__slots__:
        value = getattr(event, name)
        assert not isinstance(value, list | set | bytearray)
        if isinstance(value, Mapping):
            with pytest.raises(TypeError):
                value["key"] = "value"  # type: ignore[index] # on purpose


@pytest.mark.parametrize("event", SAMPLES, ids=_IDS)
def test_events_are_equal_and_hash_alike_by_value(event: Any) -> None:
    twin = copy.deepcopy(event)
    assert twin is not event
    assert (twin, hash(twin)) == (event, hash(event))
    assert event.replace(event_id=new_event_id()) != event


@pytest.mark.parametrize("event", SAMPLES, ids=_IDS)
def test_an_event_survives_pickling(event: Any) -> None:
    assert pickle.loads(pickle.dumps(event)) == event  # noqa: S301 # our own bytes


@pytest.mark.parametrize("event", SAMPLES, ids=_IDS)
def test_an_event_shows_its_fields(event: Any) -> None:
    assert repr(event).startswith(f"{type(event).__name__}(event_id=UUID('019ac4a1-7c3b-")


def test_replace_changes_a_copy() -> None:
    event = SAMPLES[0]
    assert event.replace(aircraft_id="f-16").aircraft_id == "f-16"
    assert event.aircraft_id == "boeing-747-400"
    with pytest.raises(TypeError):
        event.replace(no_such_field=1)


def test_fields_are_given_by_name_and_optional_ones_may_be_left_out() -> None:
    with pytest.raises(TypeError):
        AircraftView(new_event_id(), now(), "f-16", "s", ViewSource.API)  # type: ignore[call-arg] # on purpose
    event = AircraftView(
        event_id=new_event_id(), occurred_at=now(), aircraft_id="f-16", session_id="s", source=ViewSource.API
    )
    assert (event.device, event.search_id, event.experiments) == (None, None, {})


def test_what_is_given_as_a_dict_is_copied() -> None:
    given = {"hologram": "wireframe"}
    event = SAMPLES[0].replace(experiments=given)
    given["hologram"] = "solid"
    assert event.experiments == {"hologram": "wireframe"}


def test_an_enum_is_a_string() -> None:
    assert DeviceKind.PHONE == "PHONE"
    assert f"{DeviceKind.PHONE}" == "PHONE"


def test_every_event_has_one_codec() -> None:
    assert [codec.event_type for codec in CODECS] == [type(event) for event in SAMPLES]
    for codec in CODECS:
        assert codec.name == codec.event_type.__name__
        assert codec.subject == f"{codec.topic}-value"
        assert codec.version == max(codec.versions)
        assert codec.schema_text == codec.versions[codec.version]
        assert set(codec.decoders) == set(codec.versions)


def test_the_key_is_the_field_that_the_contract_says() -> None:
    assert AIRCRAFT_VIEW.key(SAMPLES[0]) == "boeing-747-400"
