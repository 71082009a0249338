"""What is different between two versions of a contract, in words."""

from __future__ import annotations

import enum
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from hangarstack.contracts.diff.types import named_types, place
from hangarstack.contracts.pii import TAGS
from hangarstack.contracts.schema import MISSING, Array, Enum, Field, Fixed, Map, Record, Schema, Union
from hangarstack.contracts.schema.equality import same_schema
from hangarstack.contracts.schema.jsontree import same_json
from hangarstack.contracts.schema.matching import short_name
from hangarstack.contracts.schema.model import Order, Props
from hangarstack.contracts.typetext import CUT, type_text

_KINDS: Final = {Record: "a record", Enum: "an enum", Fixed: "a fixed"}
_ORDERS: Final[dict[Order, str]] = {"ascending": "upwards", "descending": "downwards", "ignore": "for nothing"}

_LOGICAL: Final = frozenset({"logicalType", "precision", "scale"})


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
    # What has another namespace, or is the root, is known by its place.
    gone = {(path, short_name(each)): each for name, (path, each) in before.items() if name not in after}
    found: list[Difference] = []
    for name, (path, theirs) in after.items():
        mine = before[name][1] if name in before else gone.get((path, short_name(theirs)))
        mine = old if mine is None and theirs is new else mine
        if mine is None:
            found += _new_type(path, theirs)
        elif type(mine) is not type(theirs):
            found.append(_changed(name, f"is {_KINDS[type(theirs)]}, not {_KINDS[type(mine)]}"))
            found += _new_type(path, theirs)
        elif isinstance(mine, Record) and isinstance(theirs, Record):
            found += _records(path, mine, theirs)
        else:
            found += _leaves(name, mine, theirs)
    return tuple(found)


def _new_type(path: str, theirs: Record | Enum | Fixed) -> Iterator[Difference]:
    if isinstance(theirs, Record):
        for field in theirs.fields:
            yield _added(place(path, field.name), field)


def _records(path: str, mine: Record, theirs: Record) -> Iterator[Difference]:
    yield from _named(path or theirs.name, mine, theirs)
    if mine.is_error != theirs.is_error:
        kinds = ("a record", "an error")
        yield _changed(path or theirs.name, f"is {kinds[theirs.is_error]}, not {kinds[mine.is_error]}")
    earlier = {field.name: field for field in mine.fields}
    left = dict(earlier)
    for field in theirs.fields:
        was = left.pop(field.name, None) or next((left.pop(alias) for alias in field.aliases if alias in left), None)
        if was is None:
            yield _added(place(path, field.name), field)
        else:
            yield from _fields(place(path, field.name), was, field)
    for field in left.values():
        yield Difference(mark=Mark.REMOVED, path=place(path, field.name), sentence=f"{type_text(field.type)} is gone")
    kept = dict.fromkeys(field.name for field in theirs.fields if field.name in earlier)
    if list(kept) != [name for name in earlier if name in kept]:
        yield _changed(path or theirs.name, "has its fields in another order")


def _leaves(name: str, mine: Record | Enum | Fixed, theirs: Record | Enum | Fixed) -> Iterator[Difference]:
    if isinstance(mine, Enum) and isinstance(theirs, Enum):
        yield from _enums(mine, theirs)
    elif isinstance(mine, Fixed) and isinstance(theirs, Fixed) and mine.size != theirs.size:
        yield _changed(name, f"holds {theirs.size} bytes, not {mine.size}")
    yield from _named(name, mine, theirs)


def _named(path: str, mine: Record | Enum | Fixed, theirs: Record | Enum | Fixed) -> Iterator[Difference]:
    """Yield what differs of what all named types have."""
    if mine.name != theirs.name:
        yield _changed(path, f"is {_KINDS[type(theirs)]} called {theirs.name}, not {mine.name}")
    if _tags(mine.props) != _tags(theirs.props):
        yield _changed(path, f"is tagged {_tags(theirs.props)}, not {_tags(mine.props)}")
    if (mine.doc or "") != (theirs.doc or ""):
        yield _changed(path, f"means now: {theirs.doc or 'nothing is said'}")
    yield from _aliases(path, mine.aliases, theirs.aliases, told=mine.name if mine.name != theirs.name else "")
    # The type of its fields tells of another logical type.
    told = isinstance(mine, Fixed) and isinstance(theirs, Fixed) and mine.logical != theirs.logical
    yield from _attributes(path, mine.props, theirs.props, but=_LOGICAL if told else frozenset())


def _aliases(path: str, before: Sequence[str], after: Sequence[str], *, told: str) -> Iterator[Difference]:
    """Yield aliases that came or went, but for a name that is told to have been the part's own."""
    was, now = set(before), set(after)
    for alias in after:
        if alias not in was and alias != told:
            yield _changed(path, f"is read from {alias}, too")
    for alias in before:
        if alias not in now:
            yield _changed(path, f"is not read from {alias} any more")


def _attributes(path: str, before: Props, after: Props, *, but: frozenset[str] = frozenset()) -> Iterator[Difference]:
    for key in dict.fromkeys((*before, *after)):
        same = key in before and key in after and same_json(before[key], after[key])
        # Tags have words of their own.
        if not same and key != TAGS and key not in but:
            had = f"had {json.dumps(before[key], ensure_ascii=False)}" if key in before else "had none"
            now = f"the {key} {json.dumps(after[key], ensure_ascii=False)}" if key in after else f"no {key}"
            yield _changed(path, f"has {now}, and {had}")


def _fields(path: str, was: Field, field: Field) -> Iterator[Difference]:
    if was.name != field.name:
        yield _changed(path, f"was called {was.name}")
    before, after = type_text(was.type), type_text(field.type)
    if before != after:
        yield _changed(path, f"is {after}, not {before}")
    elif CUT in after and not same_schema(was.type, field.type):
        yield _changed(path, "is of another type deep within")
    elif not same_json(_unnamed(was.type), _unnamed(field.type)):
        yield _changed(path, f"is {after} with other attributes")
    yield from _aliases(path, was.aliases, field.aliases, told=was.name if was.name != field.name else "")
    if was.order != field.order:
        yield _changed(path, f"counts {_ORDERS[field.order]} when records are sorted, not {_ORDERS[was.order]}")
    if was.default is not field.default and was.default != field.default:
        yield _changed(path, f"{_default(field)}, and {'had none' if was.default is MISSING else f'had {_json(was)}'}")
    if _tags(was.props) != _tags(field.props):
        yield _changed(path, f"is tagged {_tags(field.props)}, not {_tags(was.props)}")
    if (was.doc or "") != (field.doc or ""):
        yield _changed(path, f"means now: {field.doc or 'nothing is said'}")
    yield from _attributes(path, was.props, field.props)


def _enums(mine: Enum, theirs: Enum) -> Iterator[Difference]:
    before, after = set(mine.symbols), set(theirs.symbols)
    for symbol in theirs.symbols:
        if symbol not in before:
            yield Difference(mark=Mark.ADDED, path=theirs.name, sentence=f"symbol {symbol}")
    for symbol in mine.symbols:
        if symbol not in after:
            yield Difference(mark=Mark.REMOVED, path=theirs.name, sentence=f"symbol {symbol}")
    kept = [symbol for symbol in theirs.symbols if symbol in before]
    if kept != [symbol for symbol in mine.symbols if symbol in after]:
        yield _changed(theirs.name, "has its symbols in another order")
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


def _unnamed(type_: Schema) -> list[object]:
    """Return the attributes of all types that have no name, down to those that have one."""
    found: list[object] = []
    rest = [type_]
    while rest:
        each = rest.pop()
        if isinstance(each, Union):
            rest.extend(each.branches)
        elif not isinstance(each, Record | Enum | Fixed):
            found.append(dict(each.props))
            rest.extend([each.items] if isinstance(each, Array) else [each.values] if isinstance(each, Map) else [])
    return found


def _tags(props: Props) -> str:
    tags = props.get(TAGS)
    return ", ".join(map(str, tags)) if isinstance(tags, list) and tags else "nothing"


__all__ = ["Difference", "Mark", "diff"]
