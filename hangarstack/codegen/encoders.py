"""The code that writes the current version: ``encode``, and a function for each record within the event."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from hangarstack.codegen.functions import Function
from hangarstack.codegen.graph import leads_to_itself, records_within
from hangarstack.codegen.leaves import Symbol, builtin, runtime
from hangarstack.codegen.namespace import LOCALS
from hangarstack.codegen.naming import local_scope, snake
from hangarstack.codegen.pythontypes import PythonTypes
from hangarstack.codegen.source import Call, Source, quoted
from hangarstack.codegen.valuewriter import ValueWriter
from hangarstack.contracts.schema import Enum, Record, Schema

_FAULTS: Final = runtime("faults", "FAULTS")
_MISFIT: Final = runtime("faults", "misfit")
_WRONG_TYPE: Final = runtime("faults", "wrong_type")
_MAX_DEPTH: Final = runtime("faults", "MAX_DEPTH")
_TOO_DEEP: Final = runtime("faults", "too_deep")
_INDEXES: Final = runtime("writing", "indexes")
_ENCODE_ERROR: Final = Symbol("hangarstack.errors", "EncodeError")


class Encoders:
    """Writes the encoder of an event.

    Args:
        types: of the event.

    Attributes:
        functions: ``encode`` first.
        tables: constants that they use.
    """

    def __init__(self, types: PythonTypes) -> None:
        self.types = types
        self.functions: list[Function] = []
        self.tables = Source()
        self._use = types.names.use
        self._bytearray = self._use(builtin("bytearray"))
        self._indexes: dict[str, str] = {}
        self._writers: dict[str, str] = {}
        self._recursive: set[str] = set()

    def emit(self) -> None:
        """Fill ``functions`` and ``tables``."""
        for named in self.types.named:
            if isinstance(named, Enum):
                self._index(named)
            elif isinstance(named, Record):
                if leads_to_itself(named, records_within):
                    self._recursive.add(named.name)
                if named is not self.types.root or named.name in self._recursive:
                    self._writers[named.name] = self.types.names.define(f"_write_{snake(self.types.class_of(named))}")
        self._encode()
        for named in self.types.named:
            if isinstance(named, Record) and named.name in self._writers:
                self._write_record(named)

    def index_of(self, enum: Enum) -> str:
        """Return the constant that maps an enum's members to their indexes."""
        return self._indexes[enum.name]

    def writer_of(self, record: Record) -> tuple[str, bool]:
        """Return the function that writes a record, and whether it takes a depth."""
        return self._writers[record.name], record.name in self._recursive

    def part(self, schema: Schema, hint: str, recursive: bool) -> str:
        """Add a function for a value that is nested too deeply to be written in place, and return its name."""
        name = self.types.names.define(f"_write_{hint}")
        function = Function(name)
        self.functions.append(function)
        with function.source.function(name, self._params(self.types.annotation(schema), recursive), "None"):
            self._values(function.source, recursive).write(schema, "value", hint)
        return name

    def _index(self, enum: Enum) -> None:
        name = self.types.names.define(f"_{snake(self.types.class_of(enum)).upper()}_INDEX")
        self._indexes[enum.name] = name
        made = Call(f"{self._use(_INDEXES)}(", (self.types.class_of(enum),))
        self.tables.put(f"{name}: {self._use(Symbol('typing', 'Final'))} = ", made)

    def _encode(self) -> None:
        encode = Function("encode")
        self.functions.append(encode)
        source, root = encode.source, self.types.root
        name = self.types.class_of(root)
        with source.function("encode", (f"event: {name}",), self._use(builtin("bytes"))):
            source.docstring("Return the Avro body of an event; raises EncodeError where a value does not fit.")
            source.line(f"out = {self._bytearray}()")
            if root.name in self._recursive:
                with self._guarded(source, quoted(name)):
                    source.line(f"{self._writers[root.name]}(out, event, 0)")
            else:
                error = f"{self._use(_MISFIT)}({self._wrong_class(root, 'event')}, {quoted(name)})"
                self._check_class(source, root, "event", error)
                self._fields(source, root, "event", f'f"{name}.{{at}}"')
            source.line(f"return {self._use(builtin('bytes'))}(out)")

    def _write_record(self, record: Record) -> None:
        name, recursive = self.writer_of(record)
        function = Function(name)
        self.functions.append(function)
        source = function.source
        with source.function(name, self._params(self.types.class_of(record), recursive), "None"):
            self._check_class(source, record, "value", self._wrong_class(record, "value"))
            if recursive:
                with source.block(f"if depth > {self._use(_MAX_DEPTH)}:"):
                    source.line(f"raise {self._use(_ENCODE_ERROR)}({self._use(_TOO_DEEP)}())")
            self._fields(source, record, "value", "at")

    def _params(self, annotation: str, recursive: bool) -> list[str]:
        depth = [f"depth: {self._use(builtin('int'))}"] if recursive else []
        return [f"out: {self._bytearray}", f"value: {annotation}", *depth]

    def _wrong_class(self, record: Record, value: str) -> str:
        return f"{self._use(_WRONG_TYPE)}({value}, {quoted(self.types.class_of(record))})"

    def _check_class(self, source: Source, record: Record, value: str, error: str) -> None:
        with source.block(f"if {value}.__class__ is not {self.types.class_of(record)}:"):
            source.line(f"raise {error}")

    def _fields(self, source: Source, record: Record, value: str, place: str) -> None:
        if not record.fields:
            return
        values = self._values(source, record.name in self._recursive)
        with self._guarded(source, place):
            for field in record.fields:
                attribute = self.types.attribute(record, field.name)
                source.line(f"at = {quoted(field.name)}")
                values.write(field.type, f"{value}.{attribute}", attribute)

    def _values(self, source: Source, recursive: bool) -> ValueWriter:
        return ValueWriter(self, source, local_scope(LOCALS), recursive)

    @contextmanager
    def _guarded(self, source: Source, place: str) -> Iterator[None]:
        with source.block("try:"):
            yield
        with source.block(f"except {self._use(_FAULTS)} as fault:"):
            source.line(f"raise {self._use(_MISFIT)}(fault, {place}) from None")
