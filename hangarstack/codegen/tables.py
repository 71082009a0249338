"""Constants that decoders share: constructors of records, and what a writer's symbols become."""

from __future__ import annotations

from typing import Final

from hangarstack.codegen.leaves import Symbol, builtin, runtime
from hangarstack.codegen.naming import snake
from hangarstack.codegen.pythontypes import PythonTypes
from hangarstack.codegen.source import Call, Source
from hangarstack.contracts.resolution.actions import Symbols
from hangarstack.contracts.schema import Record

_FINAL: Final = Symbol("typing", "Final")
_FAST_CONSTRUCTOR: Final = runtime("construct", "fast_constructor")


class Tables:
    """The constants of an event's decoders.

    Args:
        types: of the event.

    Attributes:
        source: that defines them.
    """

    def __init__(self, types: PythonTypes) -> None:
        self.source = Source()
        self._types = types
        self._use = types.names.use
        self._symbols: dict[tuple[str, tuple[str | None, ...]], str] = {}
        self._constructors: dict[str, str] = {}
        for record in types.named:
            if isinstance(record, Record):
                self._add_constructor(record)

    def _add_constructor(self, record: Record) -> None:
        cls = self._types.class_of(record)
        name = self._types.names.define(f"_new_{snake(cls)}")
        self._constructors[record.name] = name
        self.source.put(f"{name}: {self._use(_FINAL)} = ", Call(f"{self._use(_FAST_CONSTRUCTOR)}(", (cls,)))

    def constructor_of(self, record: Record) -> str:
        """Return the function that makes a record."""
        return self._constructors[record.name]

    def table_of(self, symbols: Symbols, suffix: str) -> str:
        """Return the constant that holds what each symbol of the writer becomes."""
        key = (symbols.reader.name, symbols.taken)
        if key not in self._symbols:
            cls = self._types.class_of(symbols.reader)
            name = self._types.names.define(f"_{snake(cls)}_symbols{suffix}".upper())
            self._symbols[key] = name
            self._define(name, cls, symbols)
        return self._symbols[key]

    def _define(self, name: str, cls: str, symbols: Symbols) -> None:
        final, tuple_ = self._use(_FINAL), self._use(builtin("tuple"))
        if symbols.taken == symbols.reader.symbols:
            self.source.put(f"{name}: {final} = ", Call(f"{tuple_}(", (cls,)))
            return
        member = self._types.member
        parts = tuple("None" if symbol is None else member(symbols.reader, symbol) for symbol in symbols.taken)
        optional = f"{cls} | None" if None in symbols.taken else cls
        self.source.put(f"{name}: {final}[{tuple_}[{optional}, ...]] = ", Call("(", parts) if parts else "()")
