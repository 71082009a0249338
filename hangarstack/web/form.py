"""The editing form: its fields come from the JSON Schema, so that it can hold whatever a record can."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from hangarstack.catalogue.model import Aircraft, value_at
from hangarstack.web.characters import has_control, without_control
from hangarstack.web.labels import country, words

_GROUPS: Final = (
    (
        "Identity",
        ("name", "variant", "manufacturer", "country", "category", "role", "status", "icao", "nato_name", "aliases"),
    ),
    ("Story", ("summary", "first_flight", "introduced", "built", "crew", "passengers")),
    ("Dimensions", ("dimensions",)),
    ("Weights", ("weights",)),
    ("Performance", ("performance",)),
    ("Powerplant", ("powerplant",)),
    ("Shape", ("shape",)),
)
_LONGEST: Final = 2000
_LONG_TEXT: Final = 200
_LAST_YEAR: Final = 2100
_UNITS: Final = {
    "m2": "m²",
    "m": "m",
    "kg": "kg",
    "kmh": "km/h",
    "km": "km",
    "ms": "m/s",
    "kn": "kN",
    "kw": "kW",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of the form.

    Args:
        path: dotted path in the record, and name of the input.
        label: what the reader sees.
        kind: number, integer, date, choice, flag, list, text or long.
        help: the schema's description.
        unit: of a figure, empty otherwise.
        choices: value and label of each, for a choice.
        least: smallest number, None: no bound.
        greatest: greatest number, None: no bound.
        required: whether the record must have it.
    """

    path: str
    label: str
    kind: str
    help: str
    unit: str
    choices: tuple[tuple[str, str], ...]
    least: float | None
    greatest: float | None
    required: bool

    @property
    def bounds(self) -> str:
        """The least and the greatest number as a sentence, empty where it is no number."""
        if self.least is None or self.greatest is None:
            return ""
        # Years are written without a comma.
        style = "{}" if self.greatest == _LAST_YEAR else "{:,}"
        return f"From {style.format(self.least)} to {style.format(self.greatest)}."


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Fields under one heading."""

    title: str
    fields: tuple[Field, ...]


def groups(schema: Mapping[str, Any]) -> tuple[Group, ...]:
    """Return the form's fields as the schema describes them; history and sources are not edited here."""
    return tuple(
        Group(title=title, fields=tuple(one for name in names for one in _fields(schema, name)))
        for title, names in _GROUPS
    )


def shown(form: tuple[Group, ...], aircraft: Aircraft) -> dict[str, str]:
    """Return each field's present value as the form shows it."""
    return {field.path: _as_text(value_at(aircraft.record, field.path)) for group in form for field in group.fields}


def typed(form: tuple[Group, ...], given: Mapping[str, str]) -> dict[str, str]:
    """Return what the visitor typed into each field, at most 2,000 characters; a flag that is not sent is off."""
    return {
        field.path: given.get(field.path, "").replace("\r\n", "\n").strip()[:_LONGEST]
        for group in form
        for field in group.fields
        if field.kind == "flag" or field.path in given
    }


def unwritable(form: tuple[Group, ...], values: Mapping[str, str]) -> dict[str, str]:
    """Return field → what is wrong, for the fields whose text holds control characters."""
    return {
        field.path: "held characters that cannot be seen, such as NUL; they are left out here, so look it over"
        for group in form
        for field in group.fields
        if has_control(values.get(field.path, ""), lines=field.kind == "long")
    }


def readable(form: tuple[Group, ...], values: Mapping[str, str]) -> dict[str, str]:
    """Return the fields' texts without control characters."""
    long = {field.path for group in form for field in group.fields if field.kind == "long"}
    return {path: without_control(text, lines=path in long) for path, text in values.items()}


def merged(typed_now: Mapping[str, str], opened: Mapping[str, str], present: Mapping[str, str]) -> dict[str, str]:
    """Return the fields of a form that was overtaken: the visitor's where the visitor typed, else the present ones.

    Args:
        typed_now: field → text as it was sent.
        opened: field → text that the form showed when it was opened; one that is missing counts as typed.
        present: field → text of the record as it is now.
    """
    return {path: present[path] if opened.get(path) == text else text for path, text in typed_now.items()}


def changes(form: tuple[Group, ...], values: Mapping[str, str], aircraft: Aircraft) -> dict[str, Any]:
    """Return path → new value for the fields whose text differs from what the form showed.

    A text that is no number where one belongs stays a text: the schema then says so at its field.
    """
    before = shown(form, aircraft)
    return {
        field.path: _value(field, values[field.path])
        for group in form
        for field in group.fields
        if field.path in values and values[field.path] != before[field.path]
    }


def _fields(schema: Mapping[str, Any], name: str) -> list[Field]:
    described = schema["properties"][name]
    if described.get("type") != "object":
        return [_field(name, described, required=name in schema["required"])]
    return [
        _field(f"{name}.{inner}", one, required=inner in described["required"])
        for inner, one in described["properties"].items()
    ]


def _field(path: str, described: Mapping[str, Any], *, required: bool) -> Field:
    name = path.rpartition(".")[2]
    stem, _, suffix = name.rpartition("_")
    unit = _UNITS.get(suffix, "") if stem else ""
    enum = described.get("enum", ())
    return Field(
        path=path,
        label=words(stem if unit else name),
        kind=_kind(described),
        help=str(described.get("description", "")),
        unit=unit,
        choices=_countries(enum) if path == "country" else tuple((str(value), words(str(value))) for value in enum),
        least=described.get("minimum"),
        greatest=described.get("maximum"),
        required=required,
    )


def _countries(codes: Iterable[str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(((code, country(code)) for code in codes), key=lambda choice: choice[1]))


def _kind(described: Mapping[str, Any]) -> str:
    if "enum" in described:
        return "choice"
    if described.get("format") == "date":
        return "date"
    if described.get("maxLength", 0) > _LONG_TEXT:
        return "long"
    kinds = {"number": "number", "integer": "integer", "boolean": "flag", "array": "list"}
    return kinds.get(str(described.get("type")), "text")


def _as_text(value: Any) -> str:
    if value is None or value is False:
        return ""
    if value is True:
        return "on"
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return str(value)


def _value(field: Field, text: str) -> Any:
    """Return the value that a text stands for; None for an empty one, which removes the field."""
    if field.kind == "flag":
        return True if text else None
    if not text:
        return None
    if field.kind == "list":
        return [part for one in text.split(",") if (part := one.strip())]
    if field.kind in {"number", "integer"}:
        return _number(text)
    return text


def _number(text: str) -> int | float | str:
    try:
        value = float(text)
    except ValueError:
        return text
    if not math.isfinite(value):
        return text
    return int(value) if value.is_integer() else value
