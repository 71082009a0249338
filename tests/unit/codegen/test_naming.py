from __future__ import annotations

import pytest

from hangarstack.codegen.naming import attributes, class_name, class_names, identifier, members, snake


@pytest.mark.parametrize(
    ("name", "python"),
    [
        ("event_id", "event_id"),
        ("class", "class_"),
        ("None", "None_"),
        ("match", "match"),
        ("_id", "id"),
        ("__init__", "init__"),
        ("_", "field"),
        ("__class__", "class__"),
        ("_9", "n9"),
        ("naïve", "naïve"),
        ("名前", "名前"),
        ("ﬁnal", "final"),
        ("a\u0488b", "au488b"),
    ],
)
def test_a_name_becomes_one_that_python_takes(name: str, python: str) -> None:
    assert identifier(name) == python
    assert python.isidentifier()


def test_attributes_are_all_different_and_hide_no_method() -> None:
    found = attributes(["a", "_a", "__a", "replace", "self", "encode", "ﬁ", "fi"])
    assert list(found.values()) == ["a", "a_", "a_2", "replace_", "self", "encode", "fi", "fi_"]


def test_members_hide_no_method_of_a_string() -> None:
    found = members(["RED", "title", "name", "mro", "None", "_RED"])
    assert list(found.values()) == ["RED", "title_", "name_", "mro_", "None_", "RED_"]


@pytest.mark.parametrize(
    ("name", "python"), [("Device", "Device"), ("field_change", "FieldChange"), ("r", "R"), ("_x_y", "XY")]
)
def test_a_class_begins_with_a_capital(name: str, python: str) -> None:
    assert class_name(name) == python


def test_a_class_may_be_told_by_its_namespace() -> None:
    assert class_names("y.z.point") == ["Point", "YZPoint", "PointType"]


@pytest.mark.parametrize(
    ("name", "python"),
    [("AircraftView", "aircraft_view"), ("HTTPRequest", "http_request"), ("R1", "r1"), ("DeviceKind", "device_kind")],
)
def test_a_function_is_called_in_lower_case(name: str, python: str) -> None:
    assert snake(name) == python
