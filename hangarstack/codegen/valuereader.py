"""The statements that read one value into the reader's type."""

from __future__ import annotations

from typing import Final, Protocol

from hangarstack.codegen.divergence import takes_no_bytes
from hangarstack.codegen.leaves import Symbol, builtin, leaf_of, promoted_reader, runtime
from hangarstack.codegen.literals import FROZEN_MAP
from hangarstack.codegen.naming import Scope
from hangarstack.codegen.pythontypes import BRANCH, PythonTypes, is_null, plan
from hangarstack.codegen.source import Call, Source, quoted
from hangarstack.codegen.unionwriter import branch_chain
from hangarstack.contracts.resolution.actions import (
    Action,
    Container,
    Fields,
    Promote,
    ReaderUnion,
    Refuse,
    Same,
    Skip,
    Symbols,
    WriterUnion,
)
from hangarstack.contracts.resolution.refusal import Refusals
from hangarstack.contracts.schema import Array, Schema

RESOLUTION_ERROR: Final = Symbol("hangarstack.errors", "ResolutionError")

_READ_BLOCK: Final = runtime("reading", "read_block")
_READ_EMPTY_BLOCK: Final = runtime("reading", "read_empty_block")
_READ_STRING: Final = runtime("reading", "read_string")
_READ_ENUM: Final = runtime("reading", "read_enum")
_READ_KNOWN_ENUM: Final = runtime("reading", "read_known_enum")

_DEEPEST: Final = 3
"""Loops within loops; what is deeper becomes a function, because Python takes no more than twenty blocks."""


class ReadOwner(Protocol):
    """Who knows the functions of records, the tables of symbols, and what can never be read."""

    types: PythonTypes
    refusals: Refusals

    def reader_of(self, fields: Fields) -> tuple[str, bool]:
        """Return the function that reads a record, and whether it takes a depth."""

    def table_of(self, symbols: Symbols) -> str:
        """Return the constant that holds what each symbol of the writer becomes."""

    def read_part(self, action: Action, schema: Schema, hint: str, recursive: bool) -> str:
        """Add a function that reads a value, and return its name."""


class ValueReader:
    """Reads values within one generated function.

    Args:
        owner: of the other functions.
        source: of the function.
        scope: its variables.
        recursive: whether it has a ``depth``.
        level: loops around these statements.
    """

    def __init__(self, owner: ReadOwner, source: Source, scope: Scope, recursive: bool, level: int = 0) -> None:
        self._owner = owner
        self._types = owner.types
        self._use = owner.types.names.use
        self._source = source
        self._scope = scope
        self._recursive = recursive
        self._level = level

    def read(self, action: Action, schema: Schema, target: str, *, declared: bool = False) -> None:
        """Add the statements that read a value.

        Args:
            action: what to do.
            schema: the reader's, of the place where the value goes.
            target: variable that takes it.
            declared: whether the variable's type is.
        """
        why = self._owner.refusals.of(action)
        if why is not None:
            self._source.put("raise ", Call(f"{self._use(RESOLUTION_ERROR)}(", (quoted(why),)))
        elif _reads_null(action):
            # The compiler wants to be told the type of a variable that is set to None alone.
            self._source.line(f"{target} = None" if declared else f"{target}: {self._types.annotation(schema)} = None")
        elif isinstance(action, Container | WriterUnion) and self._level >= _DEEPEST:
            depth = ("depth",) if self._recursive else ()
            name = self._owner.read_part(action, schema, target, self._recursive)
            self._source.put(f"{target}, pos = ", Call(f"{name}(", ("body", "pos", *depth)))
        elif isinstance(action, ReaderUnion):
            self._reader_union(action, target)
        elif isinstance(action, WriterUnion):
            self._writer_union(action, schema, target)
        elif isinstance(action, Container):
            self._container(action, target)
        elif isinstance(action, Fields):
            name, takes_depth = self._owner.reader_of(action)
            depth = ("depth + 1" if self._recursive else "0",) if takes_depth else ()
            self._source.put(f"{target}, pos = ", Call(f"{name}(", ("body", "pos", *depth)))
        elif isinstance(action, Symbols):
            self._symbols(action, target)
        elif isinstance(action, Promote):
            self._promote(action, target)
        else:
            self._same(action, target)

    def _same(self, action: Same | Skip | Refuse, target: str) -> None:
        assert isinstance(action, Same)  # noqa: S101 # a skip has no target, a refusal never comes here
        leaf = leaf_of(action.reader)
        args = tuple(str(arg) for arg in leaf.sized_args)
        self._source.put(f"{target}, pos = ", Call(f"{self._use(leaf.read)}(", ("body", "pos", *args)))

    def _promote(self, action: Promote, target: str) -> None:
        leaf = leaf_of(action.reader)
        raw = target if leaf.convert is None else self._scope.take(f"{target}_raw")
        self._source.line(f"{raw}, pos = {self._use(promoted_reader(action.writer, action.reader))}(body, pos)")
        if leaf.convert is not None:
            args = tuple(str(arg) for arg in leaf.args)
            self._source.put(f"{target} = ", Call(f"{self._use(leaf.convert)}(", (raw, *args)))

    def _symbols(self, action: Symbols, target: str) -> None:
        table = self._owner.table_of(action)
        if None in action.taken:
            name = quoted(self._types.class_of(action.reader))
            call = Call(f"{self._use(_READ_KNOWN_ENUM)}(", ("body", "pos", table, name))
        else:
            call = Call(f"{self._use(_READ_ENUM)}(", ("body", "pos", table))
        self._source.put(f"{target}, pos = ", call)

    def _reader_union(self, action: ReaderUnion, target: str) -> None:
        branch = plan(action.reader)[action.index]
        if branch.tag is None:
            self.read(action.action, branch.schema, target)
            return
        inner = self._scope.take(f"{target}_value")
        self.read(action.action, branch.schema, inner)
        self._source.put(f"{target} = ", Call(f"{self._use(BRANCH)}(", (quoted(branch.tag), inner)))

    def _writer_union(self, action: WriterUnion, schema: Schema, target: str) -> None:
        self._source.line(f"{target}: {self._types.annotation(schema)}")
        bodies = []
        for branch in action.branches:
            body = Source()
            ValueReader(self._owner, body, self._scope, self._recursive, self._level + 1).read(
                branch, schema, target, declared=True
            )
            bodies.append(body)
        branch_chain(self._source, self._types.names, bodies)

    def _container(self, action: Container, target: str) -> None:
        array = isinstance(action.reader, Array)
        inner = action.reader.items if isinstance(action.reader, Array) else action.reader.values
        element = self._types.annotation(inner)
        gathered = self._scope.take(f"{target}_items" if array else f"{target}_entries")
        if array:
            self._source.line(f"{gathered}: {self._use(builtin('list'))}[{element}] = []")
        else:
            text = self._use(builtin("str"))
            self._source.line(f"{gathered}: {self._use(builtin('dict'))}[{text}, {element}] = {{}}")
        with self._source.block("while body[pos]:"):
            self._block(action, inner, gathered, target)
        self._source.line("pos += 1")
        made = self._use(builtin("tuple")) if array else self._use(FROZEN_MAP)
        self._source.line(f"{target} = {made}({gathered})")

    def _block(self, action: Container, inner: Schema, gathered: str, target: str) -> None:
        why = self._owner.refusals.of(action.element)
        if why is not None:
            self._source.put("raise ", Call(f"{self._use(RESOLUTION_ERROR)}(", (quoted(why),)))
            return
        item = self._scope.take(f"{target}_item")
        within = ValueReader(self._owner, self._source, self._scope, self._recursive, self._level + 1)
        if isinstance(action.writer, Array) and takes_no_bytes(action.writer.items):
            length = f"{self._use(builtin('len'))}({gathered})"
            self._source.line(f"count, pos = {self._use(_READ_EMPTY_BLOCK)}(body, pos, {length})")
            within.read(action.element, inner, item)
            self._source.line(f"{gathered}.extend([{item}] * count)")
            return
        self._source.line(f"count, pos = {self._use(_READ_BLOCK)}(body, pos)")
        with self._source.block(f"for _ in {self._use(builtin('range'))}(count):"):
            if isinstance(action.writer, Array):
                within.read(action.element, inner, item)
                self._source.line(f"{gathered}.append({item})")
            else:
                key = self._scope.take(f"{target}_key")
                self._source.line(f"{key}, pos = {self._use(_READ_STRING)}(body, pos)")
                within.read(action.element, inner, item)
                self._source.line(f"{gathered}[{key}] = {item}")


def _reads_null(action: Action) -> bool:
    if isinstance(action, ReaderUnion):
        return _reads_null(action.action)
    return isinstance(action, Same) and is_null(action.reader)
