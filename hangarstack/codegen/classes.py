"""The classes of an event: enums, nested records, the event itself."""

from __future__ import annotations

from typing import Final

from hangarstack.codegen.defaultvalues import DefaultValues
from hangarstack.codegen.leaves import Symbol, runtime
from hangarstack.codegen.pythontypes import PythonTypes, plan
from hangarstack.codegen.source import Call, Source, quoted
from hangarstack.contracts.resolution.aliases import children
from hangarstack.contracts.schema import Array, Enum, Field, Map, Record, Schema, Union

_DATACLASS: Final = Symbol("dataclasses", "dataclass")
_REPLACE: Final = Symbol("dataclasses", "replace")
_STR_ENUM: Final = Symbol("enum", "StrEnum")
_ANY: Final = Symbol("typing", "Any")
_FREEZE: Final = runtime("frozen", "freeze")


class Classes:
    """Writes the classes of an event.

    Args:
        types: of the event.
        defaults: of its fields.
        description: of the event.
    """

    def __init__(self, types: PythonTypes, defaults: DefaultValues, description: str) -> None:
        self._types = types
        self._use = types.names.use
        self._defaults = defaults
        self._description = description

    def emit(self) -> list[Source]:
        """Return one source for each class, enums first, each record after those that it holds."""
        enums = [self._enum(named) for named in self._types.named if isinstance(named, Enum)]
        records = [self._record(named) for named in self._types.named if isinstance(named, Record)]
        return [*enums, *records]

    def _enum(self, enum: Enum) -> Source:
        source = Source()
        with source.block(f"class {self._types.class_of(enum)}({self._use(_STR_ENUM)}):"):
            source.docstring(enum.doc or f"The enum {enum.name}.")
            if enum.symbols:
                source.line()
            for symbol, member in self._types.members_of(enum).items():
                source.line(f"{member} = {quoted(symbol)}")
        return source

    def _record(self, record: Record) -> Source:
        source = Source()
        doc = record.doc or f"The record {record.name}."
        true = "True"
        source.put(f"@{self._use(_DATACLASS)}", Call("(", (f"frozen={true}", f"slots={true}", f"kw_only={true}")))
        with source.block(f"class {self._types.class_of(record)}:"):
            source.docstring(self._description if record is self._types.root and not record.doc else doc)
            if record.fields:
                source.line()
            for field in record.fields:
                self._field(source, record, field)
            self._post_init(source, record)
            self._replace(source, record)
        return source

    def _field(self, source: Source, record: Record, field: Field) -> None:
        attribute = self._types.attribute(record, field.name)
        default = self._defaults.of_attribute(record, field)
        before = f"{attribute}: {self._types.annotation(field.type)}"
        if default is None:
            source.line(before)
        else:
            source.put(f"{before} = ", default)
        doc = " ".join(filter(None, [field.doc or "", *_tag_notes(field.type)]))
        if doc:
            source.docstring(doc)

    def _post_init(self, source: Source, record: Record) -> None:
        names = [self._types.attribute(record, field.name) for field in record.fields if _has_container(field.type)]
        if not names:
            return
        source.line()
        with source.block("def __post_init__(self) -> None:"):
            source.put("", Call(f"{self._use(_FREEZE)}(", ("self", *map(quoted, names))))

    def _replace(self, source: Source, record: Record) -> None:
        name = self._types.class_of(record)
        source.line()
        with source.block(f"def replace(self, /, **changes: {self._use(_ANY)}) -> {name}:"):
            source.docstring("Return a copy with some fields changed.")
            source.line(f"return {self._use(_REPLACE)}(self, **changes)")


def _has_container(schema: Schema) -> bool:
    if isinstance(schema, Union):
        return any(_has_container(branch) for branch in schema.branches)
    return isinstance(schema, Array | Map)


def _tag_notes(schema: Schema) -> list[str]:
    """Return how to write the branches of a union that share a Python type."""
    if isinstance(schema, Union):
        tagged = [branch for branch in plan(schema) if branch.tag is not None]
        if tagged:
            forms = ", ".join(f'Branch("{branch.tag}", …)' for branch in tagged)
            return [f"Branches that share a Python type are told apart by {forms}."]
    return [note for child in children(schema) for note in _tag_notes(child)]
