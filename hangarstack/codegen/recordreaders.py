"""The functions that read, or pass over, the records within what one writer version wrote."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from hangarstack.codegen.defaultvalues import DefaultValues
from hangarstack.codegen.divergence import fields_within
from hangarstack.codegen.functions import Function
from hangarstack.codegen.graph import leads_to_itself, records_within
from hangarstack.codegen.leaves import Symbol, builtin, runtime
from hangarstack.codegen.namespace import LOCALS
from hangarstack.codegen.naming import Scope, class_names, local_scope, snake
from hangarstack.codegen.pythontypes import PythonTypes
from hangarstack.codegen.skipwriter import SkipWriter
from hangarstack.codegen.source import Call, Named, Source, quoted
from hangarstack.codegen.tables import Tables
from hangarstack.codegen.valuereader import ValueReader
from hangarstack.contracts.resolution.actions import Action, Fields, Skip, Symbols
from hangarstack.contracts.resolution.refusal import Refusals
from hangarstack.contracts.schema import Record, Schema

_FAULTS: Final = runtime("faults", "FAULTS")
_UNREADABLE: Final = runtime("faults", "unreadable")
_MAX_DEPTH: Final = runtime("faults", "MAX_DEPTH")
_TOO_DEEP: Final = runtime("faults", "too_deep")
_DECODE_ERROR: Final = Symbol("hangarstack.errors", "DecodeError")


class RecordReaders:
    """Writes the functions that one version's decoder calls.

    Args:
        types: of the event.
        defaults: of its fields.
        tables: shared with the other versions.
        suffix: of the functions' names: empty for the current version.
        refusals: of all that the version's action leads to.

    Attributes:
        functions: in the order in which they were needed.
    """

    def __init__(
        self, types: PythonTypes, defaults: DefaultValues, tables: Tables, suffix: str, refusals: Refusals
    ) -> None:
        self.types = types
        self.refusals = refusals
        self.names = types.names
        self.functions: list[Function] = []
        self._defaults = defaults
        self._tables = tables
        self._suffix = suffix
        self._use = types.names.use
        self._readers: dict[int, tuple[str, bool]] = {}
        self._skippers: dict[int, tuple[str, bool]] = {}

    def table_of(self, symbols: Symbols) -> str:
        """Return the constant that holds what each symbol of the writer becomes."""
        return self._tables.table_of(symbols, self._suffix)

    def reader_of(self, fields: Fields) -> tuple[str, bool]:
        """Return the function that reads a record, and whether it takes a depth."""
        if id(fields) not in self._readers:
            cls = self.types.class_of(fields.reader)
            name = self.names.define(f"_read_{snake(cls)}{self._suffix}")
            recursive = leads_to_itself(fields, fields_within)
            self._readers[id(fields)] = name, recursive
            with self._function(name, recursive, self._pair(cls)) as source:
                if recursive:
                    self._check_depth(source)
                source.put("return ", self.steps(source, fields, recursive, "at"), ", pos")
        return self._readers[id(fields)]

    def read_part(self, action: Action, schema: Schema, hint: str, recursive: bool) -> str:
        """Add a function for a value that is nested too deeply to be read in place."""
        name = self.names.define(f"_read_{hint}{self._suffix}")
        with self._function(name, recursive, self._pair(self.types.annotation(schema))) as source:
            ValueReader(self, source, _scope(), recursive).read(action, schema, "value")
            source.line("return value, pos")
        return name

    def skipper_of(self, record: Record) -> tuple[str, bool]:
        """Return the function that passes over a record, and whether it takes a depth."""
        if id(record) not in self._skippers:
            name = self.names.define(f"_skip_{snake(class_names(record.name)[0])}{self._suffix}")
            recursive = leads_to_itself(record, records_within)
            self._skippers[id(record)] = name, recursive
            with self._function(name, recursive, self._use(builtin("int"))) as source:
                if recursive:
                    self._check_depth(source)
                writer = SkipWriter(self, source, _scope(), recursive)
                for field in record.fields:
                    writer.skip(field.type)
                source.line("return pos")
        return self._skippers[id(record)]

    def skip_part(self, schema: Schema, recursive: bool) -> str:
        """Add a function that passes over a value that is nested too deeply to be passed over in place."""
        name = self.names.define(f"_skip_part{self._suffix}")
        with self._function(name, recursive, self._use(builtin("int"))) as source:
            SkipWriter(self, source, _scope(), recursive).skip(schema)
            source.line("return pos")
        return name

    def steps(self, source: Source, action: Fields, recursive: bool, place: str) -> Call:
        """Add the statements that read a record's fields, and return the call that makes the record.

        Args:
            source: of the function.
            action: what to read.
            recursive: whether the function has a ``depth``.
            place: expression that names the field for an error.
        """
        variables = _scope()
        inner = Source()
        parts = {field.name: self._default_part(action.reader, field.name) for field in action.defaults}
        for field, step, target in zip(action.writer.fields, action.steps, action.targets, strict=True):
            before = len(inner.lines)
            if step is None or isinstance(step, Skip) or target is None:
                SkipWriter(self, inner, variables, recursive).skip(field.type)
            else:
                attribute = self.types.attribute(action.reader, target.name)
                variable = variables.take(attribute)
                ValueReader(self, inner, variables, recursive).read(step, target.type, variable)
                parts[target.name] = Named(f"{attribute}=", variable)
            if len(inner.lines) > before:
                inner.lines.insert(before, f"at = {quoted(field.name if target is None else target.name)}")
        if inner.lines:
            with source.block("try:"):
                source.take(inner)
            self.rescue(source, place)
        ordered = tuple(parts[field.name] for field in action.reader.fields)
        return Call(f"{self._tables.constructor_of(action.reader)}(", ordered)

    def rescue(self, source: Source, place: str) -> None:
        """Add what turns any fault into a DecodeError that names a place."""
        with source.block(f"except {self._use(_FAULTS)} as fault:"):
            source.line(f"raise {self._use(_UNREADABLE)}(fault, {place}) from None")

    def _default_part(self, record: Record, name: str) -> Named:
        field = next(field for field in record.fields if field.name == name)
        return Named(f"{self.types.attribute(record, name)}=", self._defaults.value(record, field))

    def _pair(self, annotation: str) -> str:
        return f"{self._use(builtin('tuple'))}[{annotation}, {self._use(builtin('int'))}]"

    def _check_depth(self, source: Source) -> None:
        with source.block(f"if depth > {self._use(_MAX_DEPTH)}:"):
            source.line(f"raise {self._use(_DECODE_ERROR)}({self._use(_TOO_DEEP)}())")

    @contextmanager
    def _function(self, name: str, recursive: bool, result: str) -> Iterator[Source]:
        integer = self._use(builtin("int"))
        params = [f"body: {self._use(builtin('bytes'))}", f"pos: {integer}"]
        function = Function(name)
        self.functions.append(function)
        with function.source.function(name, [*params, f"depth: {integer}"] if recursive else params, result):
            yield function.source


def _scope() -> Scope:
    return local_scope(LOCALS)
