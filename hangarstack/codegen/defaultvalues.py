"""Defaults of the current version's fields: constants of the module where they are built of parts."""

from __future__ import annotations

from typing import Final

from hangarstack.codegen.leaves import Symbol
from hangarstack.codegen.literals import is_composite, literal
from hangarstack.codegen.naming import snake
from hangarstack.codegen.pythontypes import PythonTypes
from hangarstack.codegen.source import Call, Expression, Source
from hangarstack.contracts.resolution.actions import UnresolvableError
from hangarstack.contracts.resolution.javadefaults import Chooser
from hangarstack.contracts.schema import MISSING, Field, Record

_FINAL: Final = Symbol("typing", "Final")
_FIELD: Final = Symbol("dataclasses", "field")


class DefaultValues:
    """The defaults of an event's fields.

    Args:
        types: of the event.

    Attributes:
        constants: that hold what is built of parts; they come after the classes.
    """

    def __init__(self, types: PythonTypes) -> None:
        self.constants = Source()
        self._types = types
        self._named: dict[tuple[str, str], str] = {}

    def value(self, record: Record, field: Field) -> Expression:
        """Return the expression of a field's default.

        Raises:
            UnresolvableError: Avro Java cannot use it, or its Python type does not hold it.
        """
        if (record.name, field.name) in self._named:
            return self._named[record.name, field.name]
        chosen = Chooser().choose(field.type, field.default)
        expression = literal(self._types, chosen)
        if not is_composite(chosen):
            return expression
        words = f"_{snake(self._types.class_of(record))}_{self._types.attribute(record, field.name)}_default"
        name = self._types.names.define(words.upper())
        self._named[record.name, field.name] = name
        annotation = self._types.annotation(field.type)
        self.constants.put(f"{name}: {self._types.names.use(_FINAL)}[{annotation}] = ", expression)
        return name

    def of_attribute(self, record: Record, field: Field) -> Expression | None:
        """Return what to write behind ``=`` in the class, or ``None`` when the field must be given."""
        if field.default is MISSING:
            return None
        try:
            value = self.value(record, field)
        except UnresolvableError:
            return None
        if (record.name, field.name) not in self._named:
            return value
        # The constant is built of classes that may come after this one.
        factory = f"default_factory=lambda: {self._named[record.name, field.name]}"
        return Call(f"{self._types.names.use(_FIELD)}(", (factory,))
