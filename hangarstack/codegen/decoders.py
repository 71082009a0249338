"""The code that reads what writers of each version wrote into the current class."""

from __future__ import annotations

from typing import Final

from hangarstack.codegen.defaultvalues import DefaultValues
from hangarstack.codegen.divergence import fields_within
from hangarstack.codegen.functions import Function
from hangarstack.codegen.graph import leads_to_itself
from hangarstack.codegen.leaves import builtin, runtime
from hangarstack.codegen.pythontypes import PythonTypes
from hangarstack.codegen.recordreaders import RecordReaders
from hangarstack.codegen.source import Call, Named, Source, quoted
from hangarstack.codegen.tables import Tables
from hangarstack.codegen.valuereader import RESOLUTION_ERROR
from hangarstack.contracts.resolution.actions import Action, Fields, Refuse, UnresolvableError
from hangarstack.contracts.resolution.refusal import Refusals
from hangarstack.contracts.resolution.resolver import renamed, resolve
from hangarstack.contracts.schema import Record

_WRONG_END: Final = runtime("faults", "wrong_end")


class Decoders:
    """Writes the decoders of an event.

    Args:
        types: of the event.
        defaults: of its fields.

    Attributes:
        functions: of all versions, in the order in which those were added.
        tables: constants that they use.
    """

    def __init__(self, types: PythonTypes, defaults: DefaultValues) -> None:
        self.functions: list[Function] = []
        self.tables = Tables(types)
        self._types = types
        self._defaults = defaults
        self._use = types.names.use
        self._name = types.class_of(types.root)
        self._kept: list[Action] = []

    def add(self, number: int, writer: Record, *, current: bool) -> None:
        """Add ``decode_v<number>`` and the functions that it calls.

        Args:
            number: of the writer's version.
            writer: its schema.
            current: whether it is the current version.
        """
        action = self._resolved(writer)
        self._kept.append(action)  # actions and the schemas that they hold are known by identity
        function = Function(f"decode_v{number}")
        self.functions.append(function)
        refusals = Refusals(action)
        why = refusals.of(action)
        if why is not None or not isinstance(action, Fields):
            self._refuse(function, why or "the writer's schema is no record")
            return
        suffix = "" if current else f"_v{number}"
        readers = RecordReaders(self._types, self._defaults, self.tables, suffix, refusals)
        self._decode(function, readers, action)
        self.functions.extend(readers.functions)

    def _resolved(self, writer: Record) -> Action:
        try:
            action = resolve(renamed(writer, self._types.root), self._types.root)
            self._check_defaults(action)
        except UnresolvableError as error:
            return Refuse(why=str(error))
        return action

    def _check_defaults(self, root: Action) -> None:
        """Refuse the version when a default that it needs has no Python value."""
        todo = [root] if isinstance(root, Fields) else []
        seen: set[int] = set()
        while todo:
            action = todo.pop()
            if id(action) not in seen:
                seen.add(id(action))
                for field in action.defaults:
                    self._defaults.value(action.reader, field)
                todo.extend(fields_within(action))

    def _refuse(self, function: Function, why: str) -> None:
        source = function.source
        with source.function(function.name, (f"body: {self._use(builtin('bytes'))}",), self._name):
            source.docstring("Refuse: no record of this version can become the current class.")
            where = Named("where=", quoted(self._name))
            source.put("raise ", Call(f"{self._use(RESOLUTION_ERROR)}(", (quoted(why), where)))

    def _decode(self, function: Function, readers: RecordReaders, action: Fields) -> None:
        source = function.source
        with source.function(function.name, (f"body: {self._use(builtin('bytes'))}",), self._name):
            source.docstring("Decode what a writer of this version wrote; raises DecodeError.")
            if leads_to_itself(action, fields_within):
                name, _ = readers.reader_of(action)
                with source.block("try:"):
                    source.line(f"event, pos = {name}(body, 0, 0)")
                readers.rescue(source, quoted(self._name))
                self._check_end(source)
                source.line("return event")
            else:
                source.line("pos = 0")
                made = readers.steps(source, action, False, f'f"{self._name}.{{at}}"')
                self._check_end(source)
                source.put("return ", made)

    def _check_end(self, source: Source) -> None:
        with source.block(f"if pos != {self._use(builtin('len'))}(body):"):
            source.line(f"raise {self._use(_WRONG_END)}(body, pos, {quoted(self._name)})")
