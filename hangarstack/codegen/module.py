"""One generated module: the classes of an event and its codec."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from hangarstack.codegen.assembly import assembled
from hangarstack.codegen.classes import Classes
from hangarstack.codegen.decoders import Decoders
from hangarstack.codegen.defaultvalues import DefaultValues
from hangarstack.codegen.encoders import Encoders
from hangarstack.codegen.functions import merged
from hangarstack.codegen.leaves import Symbol, builtin, runtime
from hangarstack.codegen.lifting import lifting_functions
from hangarstack.codegen.naming import class_name
from hangarstack.codegen.oldmajor import OldMajorModule
from hangarstack.codegen.pythontypes import PythonTypes
from hangarstack.codegen.source import Call, Named, Source, quoted
from hangarstack.contracts.model import Contract
from hangarstack.contracts.schema import Enum, Primitive, Record
from hangarstack.errors import UnsupportedSchemaError

_CODEC: Final = runtime("codec", "Codec")
_FINAL: Final = Symbol("typing", "Final")


class EventModule:
    """Writes the module of an event.

    Args:
        contract: of the event.
        package: that the module will be in.
        name: of the module.
        old: the modules of the old majors that an upcaster lifts, the oldest first.
    """

    def __init__(self, contract: Contract, package: str, name: str, old: Sequence[OldMajorModule]) -> None:
        self._contract = contract
        self._old = old
        self._types = PythonTypes(contract.current.schema, class_name(contract.name), package)
        self._use = self._types.names.use
        self._versions = self._use(Symbol(f"{package}.schemas.{name}", "VERSIONS"))

    @property
    def exports(self) -> tuple[str, ...]:
        """Names of the classes, the event's first."""
        root = self._types.root
        named = [each for each in self._types.named if isinstance(each, Record | Enum) and each is not root]
        return (self._types.class_of(root), *(self._types.class_of(each) for each in named))

    def text(self) -> str:
        """Return the source of the module."""
        defaults = DefaultValues(self._types)
        classes = Classes(self._types, defaults, self._contract.description).emit()
        encoders = Encoders(self._types)
        encoders.emit()
        decoders = Decoders(self._types, defaults)
        resolved = self._contract.versions[self._old[-1].last :] if self._old else self._contract.versions
        for version in reversed(resolved):
            decoders.add(version.number, version.schema, current=version is self._contract.current)
        constants = Source()
        for part in (encoders.tables, decoders.tables.source, defaults.constants):
            constants.take(part)
        functions, twins = merged(
            [*encoders.functions, *decoders.functions, *lifting_functions(self._types, self._old)]
        )
        codec = self._codec(twins)
        parts = [*classes, constants, *(function.source for function in functions), self._key(), codec]
        return assembled(f"{self._contract.name}: {self._contract.description}", self._types.names, parts)

    def _key(self) -> Source:
        source, root = Source(), self._types.root
        text = self._use(builtin("str"))
        if not root.fields:
            with source.function("key", (f"event: {self._types.class_of(root)}",), text):
                source.docstring("Return the key of the record: none, because it has no field.")
                source.line('return ""')
            return source
        field = next((field for field in root.fields if field.name == self._contract.key), None)
        if field is None:
            raise UnsupportedSchemaError(
                f"the key {self._contract.key} is no field of {root.name}", where=str(self._contract.directory)
            )
        with source.function("key", (f"event: {self._types.class_of(root)}",), text):
            source.docstring("Return the key of the event's record.")
            value = f"event.{self._types.attribute(root, field.name)}"
            plain = isinstance(field.type, Primitive) and field.type.type == "string" and field.type.logical is None
            source.line(f"return {value if plain else f'{text}({value})'}")
        return source

    def _codec(self, twins: dict[str, str]) -> Source:
        source, contract = Source(), self._contract
        names = {version.number: f"decode_v{version.number}" for version in contract.versions}
        for name in names.values():
            if name in twins:
                source.line(f"{name} = {twins[name]}")
        if source.lines:
            source.line()
        decoders = tuple(Named(f"{number}: ", name) for number, name in names.items())
        cls = self._types.class_of(self._types.root)
        parts = (
            f"event_type={cls}",
            f"name={quoted(contract.name)}",
            f"topic={quoted(contract.topic)}",
            f"subject={quoted(contract.subject)}",
            f"version={contract.current.number}",
            "key=key",
            "encode=encode",
            Named("decoders=", Call("{", decoders, "}")),
            f"versions={self._versions}",
        )
        source.put(f"CODEC: {self._use(_FINAL)}[{self._use(_CODEC)}[{cls}]] = ", Call(f"{self._use(_CODEC)}(", parts))
        return source
