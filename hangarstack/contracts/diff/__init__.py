"""What is different between two versions of a contract, in words."""

from __future__ import annotations

import enum
import json
from collections.abc import Iterator
from dataclasses import dataclass

from hangarstack.contracts.diff.types import named_types, place
from hangarstack.contracts.pii import TAGS
from hangarstack.contracts.schema import MISSING, Enum, Field, Fixed, Record
from hangarstack.contracts.schema.equality import same_schema
from hangarstack.contracts.typetext import CUT, type_text


class Mark(enum.StrEnum):
    """What has happened to a part."""

    ADDED = "+"
    REMOVED = "-"
    CHANGED = "~"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One part that differs.

    Args:
        mark: what has happened.
        path: dotted path of a field, or name of a type; of the new version unless it was removed.
        sentence: in words.
    """

    mark: Mark
    path: str
    sentence: str


def diff(old: Record, new: Record) -> tuple[Difference, ...]:
    """Return every difference that means something; white space and the order of keys do not.

    Args:
        old: the earlier schema.
        new: the later one.
    """
    before, after = named_types(old), named_types(new)
    found: list[Difference] = []
    for name, (path, theirs) in after.items():
        mine = before[name][1] if name in before else (old if theirs is new else None)
        if mine is None:
            found += _new_type(path, theirs)
        elif isinstance(mine, Record) and isinstance(theirs, Record):
            found += _records(path, mine, theirs)
        elif isinstance(mine, Enum) and isinstance(theirs, Enum):
            found += _enums(mine, theirs)
        elif isinstance(mine, Fixed) and isinstance(theirs, Fixed) and mine.size != theirs.size:
            found.append(_changed(name, f"holds {theirs.size} bytes, not {mine.size}"))
    return tuple(found)


def _new_type(path: str, theirs: Record | Enum | Fixed) -> Iterator[Difference]:
    if isinstance(theirs, Record):
        for field in theirs.fields:
            yield _added(place(path, field.name), field)


def _records(path: str, mine: Record, theirs: Record) -> Iterator[Difference]:
    if mine.name != theirs.name:
        yield _changed(path or theirs.name, f"is a record called {theirs.name}, not {mine.name}")
    if (mine.doc or "") != (theirs.doc or ""):
        yield _changed(path or theirs.name, f"means now: {theirs.doc or 'nothing is said'}")
    left = {field.name: field for field in mine.fields}
    for field in theirs.fields:
        was = left.pop(field.name, None) or next((left.pop(alias) for alias in field.aliases if alias in left), None)
        if was is None:
            yield _added(place(path, field.name), field)
        else:
            yield from _fields(place(path, field.name), was, field)
    for field in left.values():
        yield Difference(mark=Mark.REMOVED, path=place(path, field.name), sentence=f"{type_text(field.type)} is gone")
    kept = [field.name for field in theirs.fields if field.name in {each.name for each in mine.fields}]
    if kept != [field.name for field in mine.fields if field.name in set(kept)]:
        yield _changed(path or theirs.name, "has its fields in another order")


def _fields(path: str, was: Field, field: Field) -> Iterator[Difference]:
    if was.name != field.name:
        yield _changed(path, f"was called {was.name}")
    before, after = type_text(was.type), type_text(field.type)
    if before != after:
        yield _changed(path, f"is {after}, not {before}")
    elif CUT in after and not same_schema(was.type, field.type):
        yield _changed(path, "is of another type deep within")
    if was.default is not field.default and was.default != field.default:
        yield _changed(path, f"{_default(field)}, and {'had none' if was.default is MISSING else f'had {_json(was)}'}")
    if _tags(was) != _tags(field):
        yield _changed(path, f"is tagged {_tags(field)}, not {_tags(was)}")
    if (was.doc or "") != (field.doc or ""):
        yield _changed(path, f"means now: {field.doc or 'nothing is said'}")


def _enums(mine: Enum, theirs: Enum) -> Iterator[Difference]:
    for symbol in theirs.symbols:
        if symbol not in mine.symbols:
            yield Difference(mark=Mark.ADDED, path=theirs.name, sentence=f"symbol {symbol}")
    for symbol in mine.symbols:
        if symbol not in theirs.symbols:
            yield Difference(mark=Mark.REMOVED, path=theirs.name, sentence=f"symbol {symbol}")
    if mine.default != theirs.default:
        yield _changed(
            theirs.name, f"takes {theirs.default or 'nothing'} for an unknown symbol, not {mine.default or 'nothing'}"
        )


def _added(path: str, field: Field) -> Difference:
    more = "" if field.default is MISSING else f", default {_json(field)}"
    meaning = f": {field.doc}" if field.doc else ""
    return Difference(mark=Mark.ADDED, path=path, sentence=f"{type_text(field.type)}{more}{meaning}")


def _changed(path: str, sentence: str) -> Difference:
    return Difference(mark=Mark.CHANGED, path=path, sentence=sentence)


def _default(field: Field) -> str:
    return "has no default" if field.default is MISSING else f"has the default {_json(field)}"


def _json(field: Field) -> str:
    return json.dumps(field.default, ensure_ascii=False)


def _tags(field: Field) -> str:
    tags = field.props.get(TAGS)
    return ", ".join(map(str, tags)) if isinstance(tags, list) and tags else "nothing"


__all__ = ["Difference", "Mark", "diff"]
