"""The generated module of an old major version: the classes of its last version, and a decoder of each version."""

from __future__ import annotations

from hangarstack.codegen.assembly import assembled
from hangarstack.codegen.classes import Classes
from hangarstack.codegen.decoders import Decoders
from hangarstack.codegen.defaultvalues import DefaultValues
from hangarstack.codegen.functions import merged
from hangarstack.codegen.leaves import Symbol
from hangarstack.codegen.naming import class_name
from hangarstack.codegen.pythontypes import PythonTypes
from hangarstack.codegen.source import Source
from hangarstack.contracts.model import Contract, Upcaster


class OldMajorModule:
    """Writes the module of an old major version.

    Args:
        contract: of the event.
        upcaster: that lifts the major's records.
        first: its first version.
        package: that the module will be in.
        name: of the module.

    Attributes:
        last: its last version.
        versions: all of them.
        function: the upcaster, ``package.module:function``.
    """

    def __init__(self, contract: Contract, upcaster: Upcaster, first: int, package: str, name: str) -> None:
        self.last = upcaster.last
        self.versions = range(first, upcaster.last + 1)
        self.function = upcaster.function
        self._contract = contract
        self._module = f"{package}.{name}"
        root = contract.versions[upcaster.last - 1].schema
        self._types = PythonTypes(root, f"{class_name(contract.name)}V{upcaster.last}", package)

    @property
    def event_class(self) -> Symbol:
        """The class of the old event."""
        return Symbol(self._module, self._types.class_of(self._types.root))

    def decoder(self, version: int) -> Symbol:
        """Return the function that decodes what a writer of one of the versions wrote into that class."""
        return Symbol(self._module, f"decode_v{version}")

    def text(self) -> str:
        """Return the source of the module."""
        name, last = self._contract.name, self.last
        defaults = DefaultValues(self._types)
        classes = Classes(self._types, defaults, self._contract.description).emit()
        decoders = Decoders(self._types, defaults)
        for number in reversed(self.versions):
            decoders.add(number, self._contract.versions[number - 1].schema, current=number == last)
        constants = Source()
        for part in (decoders.tables.source, defaults.constants):
            constants.take(part)
        functions, twins = merged(decoders.functions)
        aliases = Source()
        for number in self.versions:
            if (decoder := f"decode_v{number}") in twins:
                aliases.line(f"{decoder} = {twins[decoder]}")
        docstring = f"{name} up to version {last}, which {self.function} lifts. {self._contract.description}"
        parts = [*classes, constants, *(function.source for function in functions), aliases]
        return assembled(docstring, self._types.names, parts)
