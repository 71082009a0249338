"""The statements that pass over what the reader does not want."""

from __future__ import annotations

from typing import Final, Protocol

from hangarstack.codegen.divergence import takes_no_bytes
from hangarstack.codegen.leaves import builtin, runtime
from hangarstack.codegen.namespace import Namespace
from hangarstack.codegen.naming import Scope
from hangarstack.codegen.source import Source
from hangarstack.codegen.unionwriter import branch_chain
from hangarstack.contracts.schema import Array, Enum, Fixed, Map, Primitive, Record, Schema, Union

_SKIP_VARINT: Final = runtime("skipping", "skip_varint")
_SKIP_BYTES: Final = runtime("skipping", "skip_bytes")
_SKIP_EMPTY_UNION: Final = runtime("skipping", "skip_empty_union")
_READ_COUNT: Final = runtime("reading", "read_count")
_READ_BLOCK: Final = runtime("reading", "read_block")

_SIZES: Final = {"null": 0, "boolean": 1, "float": 4, "double": 8}
_DEEPEST: Final = 3


class SkipOwner(Protocol):
    """Who knows the functions that pass over records."""

    names: Namespace

    def skipper_of(self, record: Record) -> tuple[str, bool]:
        """Return the function that passes over a record, and whether it takes a depth."""

    def skip_part(self, schema: Schema, recursive: bool) -> str:
        """Add a function that passes over a value, and return its name."""


class SkipWriter:
    """Passes over values within one generated function.

    Args:
        owner: of the other functions.
        source: of the function.
        scope: its variables.
        recursive: whether it has a ``depth``.
    """

    def __init__(self, owner: SkipOwner, source: Source, scope: Scope, recursive: bool, level: int = 0) -> None:
        self._owner = owner
        self._use = owner.names.use
        self._source = source
        self._scope = scope
        self._recursive = recursive
        self._level = level

    def skip(self, schema: Schema) -> None:
        """Add the statements that move ``pos`` behind a value; none when it takes no bytes."""
        line = self._source.line
        if takes_no_bytes(schema):
            return
        if isinstance(schema, Record):
            name, takes_depth = self._owner.skipper_of(schema)
            depth = (", depth + 1" if self._recursive else ", 0") if takes_depth else ""
            line(f"pos = {name}(body, pos{depth})")
        elif isinstance(schema, Array | Map | Union):
            if self._level >= _DEEPEST:
                depth = ", depth" if self._recursive else ""
                line(f"pos = {self._owner.skip_part(schema, self._recursive)}(body, pos{depth})")
            elif isinstance(schema, Union):
                self._union(schema)
            else:
                self._blocks(schema)
        elif isinstance(schema, Fixed):
            line(f"pos += {schema.size}")
        elif isinstance(schema, Primitive) and schema.type in _SIZES:
            line(f"pos += {_SIZES[schema.type]}")
        elif isinstance(schema, Enum) or schema.type in {"int", "long"}:
            line(f"pos = {self._use(_SKIP_VARINT)}(body, pos)")
        else:
            line(f"pos = {self._use(_SKIP_BYTES)}(body, pos)")

    def _blocks(self, schema: Array | Map) -> None:
        with self._source.block("while body[pos]:"):
            inner = Source()
            writer = SkipWriter(self._owner, inner, self._scope, self._recursive, self._level + 1)
            if isinstance(schema, Map):
                inner.line(f"pos = {self._use(_SKIP_BYTES)}(body, pos)")
                writer.skip(schema.values)
            else:
                writer.skip(schema.items)
            if inner.lines:
                self._source.line(f"count, pos = {self._use(_READ_BLOCK)}(body, pos)")
                with self._source.block(f"for _ in {self._use(builtin('range'))}(count):"):
                    self._source.take(inner)
            else:
                self._source.line(f"_, pos = {self._use(_READ_COUNT)}(body, pos)")
        self._source.line("pos += 1")

    def _union(self, schema: Union) -> None:
        if not schema.branches:
            self._source.line(f"pos = {self._use(_SKIP_EMPTY_UNION)}(body, pos)")
            return
        bodies = []
        for branch in schema.branches:
            inner = Source()
            SkipWriter(self._owner, inner, self._scope, self._recursive, self._level + 1).skip(branch)
            bodies.append(inner)
        branch_chain(self._source, self._owner.names, bodies)
