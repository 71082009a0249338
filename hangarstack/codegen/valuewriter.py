"""The statements that write one value."""

from __future__ import annotations

from typing import Final, Protocol

from hangarstack.codegen.divergence import takes_no_bytes
from hangarstack.codegen.leaves import Symbol, builtin, leaf_of, runtime
from hangarstack.codegen.naming import Scope
from hangarstack.codegen.pythontypes import MAPPING, BranchPlan, PythonTypes, is_null, plan
from hangarstack.codegen.source import Call, Source, quoted
from hangarstack.contracts.schema import Array, Enum, Map, Record, Schema, Union

_START_ARRAY: Final = runtime("writing", "start_array")
_START_EMPTY_ARRAY: Final = runtime("writing", "start_empty_array")
_START_MAP: Final = runtime("writing", "start_map")
_WRITE_STRING: Final = runtime("writing", "write_string")
_WRITE_VARINT: Final = runtime("writing", "write_varint")
_WRITE_ENUM: Final = runtime("writing", "write_enum")
_WRITE_NOTHING: Final = runtime("writing", "write_nothing")
_WRONG_TYPE: Final = runtime("faults", "wrong_type")
_HAS_TAG: Final = runtime("branch", "has_tag")
_UNTAGGED: Final = runtime("branch", "untagged")

_DEEPEST: Final = 4
"""Blocks within blocks; what is deeper becomes a function, because Python takes no more than twenty."""
_ONE_BYTE: Final = 64
"""Branches whose index takes one byte."""

_TEST_ORDER: Final = ("bool", "datetime")
"""Types whose values are of a wider type too (int, date), so they are looked for first."""


class Owner(Protocol):
    """Who knows the functions of records and the indexes of enums."""

    types: PythonTypes

    def index_of(self, enum: Enum) -> str:
        """Return the constant that maps an enum's members to their indexes."""

    def writer_of(self, record: Record) -> tuple[str, bool]:
        """Return the function that writes a record, and whether it takes a depth."""

    def part(self, schema: Schema, hint: str, recursive: bool) -> str:
        """Add a function that writes a value, and return its name."""


class ValueWriter:
    """Writes values within one generated function.

    Args:
        owner: of the other functions.
        source: of the function.
        scope: its variables.
        recursive: whether it has a ``depth``.
    """

    def __init__(self, owner: Owner, source: Source, scope: Scope, recursive: bool) -> None:
        self._owner = owner
        self._types = owner.types
        self._use = owner.types.names.use
        self._source = source
        self._scope = scope
        self._recursive = recursive
        self._depth = 0

    def write(self, schema: Schema, value: str, hint: str) -> None:
        """Add the statements that write a value.

        Args:
            schema: of the value.
            value: expression that is free of effects.
            hint: what to call a variable that holds it.
        """
        line = self._source.line
        if isinstance(schema, Enum):
            enum, index = self._types.class_of(schema), self._owner.index_of(schema)
            self._source.put("", Call(f"{self._use(_WRITE_ENUM)}(", ("out", value, enum, index)))
        elif isinstance(schema, Record):
            name, takes_depth = self._owner.writer_of(schema)
            depth = ("depth + 1" if self._recursive else "0",) if takes_depth else ()
            self._source.put("", Call(f"{name}(", ("out", value, *depth)))
        elif isinstance(schema, Array | Map | Union):
            if self._depth >= _DEEPEST:
                deeper = ("depth",) if self._recursive else ()
                part = self._owner.part(schema, hint, self._recursive)
                self._source.put("", Call(f"{part}(", ("out", value, *deeper)))
                return
            self._depth += 1
            if isinstance(schema, Array):
                self._array(schema, value, hint)
            elif isinstance(schema, Map):
                self._map(schema, value, hint)
            else:
                self._union(schema, value, hint)
            self._depth -= 1
        elif is_null(schema):
            with self._source.block(f"if {value} is not None:"):
                line(f"raise {self._use(_WRONG_TYPE)}({value}, {quoted('None')})")
        else:
            leaf = leaf_of(schema)
            args = tuple(str(arg) for arg in leaf.sized_args)
            self._source.put("", Call(f"{self._use(leaf.write)}(", ("out", value, *args)))

    def _array(self, schema: Array, value: str, hint: str) -> None:
        start = _START_EMPTY_ARRAY if takes_no_bytes(schema.items) else _START_ARRAY
        self._source.line(f"{self._use(start)}(out, {value})")
        item = self._item(schema.items, hint)
        with self._source.block(f"for {item} in {value}:"):
            self.write(schema.items, item, item)
        self._source.line("out.append(0)")

    def _map(self, schema: Map, value: str, hint: str) -> None:
        self._source.line(f"{self._use(_START_MAP)}(out, {value})")
        key, item = self._scope.take(f"{hint}_key"), self._item(schema.values, hint)
        with self._source.block(f"for {key}, {item} in {value}.items():"):
            self._source.line(f"{self._use(_WRITE_STRING)}(out, {key})")
            self.write(schema.values, item, item)
        self._source.line("out.append(0)")

    def _item(self, schema: Schema, hint: str) -> str:
        """Return the variable of a loop; the compiler wants to be told when it is always None."""
        name = self._scope.take(f"{hint}_item")
        if is_null(schema):
            self._source.line(f"{name}: None")
        return name

    def _union(self, schema: Union, value: str, hint: str) -> None:
        if not schema.branches:
            self._source.line(f"{self._use(_WRITE_NOTHING)}({value})")
            return
        if not value.isidentifier():
            name = self._scope.take(hint)
            only_null = all(map(is_null, schema.branches))
            self._source.line(f"{name}: None = {value}" if only_null else f"{name} = {value}")
            value = name
        branches = plan(schema)
        word = "if"
        nulls = [branch for branch in branches if is_null(branch.schema)]
        if len(branches) == 2 and nulls and all(branch.tag is None for branch in branches):
            other = next(branch for branch in branches if not is_null(branch.schema))
            with self._source.block(f"if {value} is None:"):
                self._index(nulls[0].index)
            with self._source.block("else:"):
                self._branch(other, value, hint)
            return
        for branch in sorted(branches, key=self._when_to_test):
            with self._source.block(f"{word} {self._test(branch, value, branches)}:"):
                self._branch(branch, value, hint)
            word = "elif"
        with self._source.block("else:"):
            expected = quoted(self._types.annotation(schema))
            self._source.put("raise ", Call(f"{self._use(_WRONG_TYPE)}(", (value, expected)))

    def _branch(self, branch: BranchPlan, value: str, hint: str) -> None:
        self._index(branch.index)
        if is_null(branch.schema):
            return
        self.write(branch.schema, value if branch.tag is None else f"{self._use(_UNTAGGED)}({value})", hint)

    def _index(self, index: int) -> None:
        if index < _ONE_BYTE:
            self._source.line(f"out.append({index << 1})")
        else:
            self._source.line(f"{self._use(_WRITE_VARINT)}(out, {index << 1})")

    def _when_to_test(self, branch: BranchPlan) -> tuple[bool, bool, bool, int]:
        kind = self._kind(branch.schema)
        enum = isinstance(branch.schema, Enum)
        return not is_null(branch.schema), branch.tag is None, not enum and kind not in _TEST_ORDER, branch.index

    def _kind(self, schema: Schema) -> str:
        if is_null(schema) or isinstance(schema, Record | Enum | Array | Map | Union):
            return ""
        return leaf_of(schema).kind

    def _test(self, branch: BranchPlan, value: str, branches: tuple[BranchPlan, ...]) -> str:
        isinstance_ = self._use(builtin("isinstance"))
        if is_null(branch.schema):
            return f"{value} is None"
        if branch.tag is not None:
            return f"{self._use(_HAS_TAG)}({value}, {quoted(branch.tag)})"
        return f"{isinstance_}({value}, {self._class_to_test(branch.schema, branches)})"

    def _class_to_test(self, schema: Schema, branches: tuple[BranchPlan, ...]) -> str:
        if isinstance(schema, Record | Enum):
            return self._types.class_of(schema)
        if isinstance(schema, Array):
            return self._use(builtin("tuple"))
        if isinstance(schema, Map):
            return self._use(MAPPING)
        assert not isinstance(schema, Union)  # noqa: S101 # a union holds no union: the parser saw to it
        symbol: Symbol = leaf_of(schema).type
        kinds = {self._kind(branch.schema) for branch in branches}
        if symbol.name == "float" and "int" not in kinds:
            return f"{self._use(symbol)} | {self._use(builtin('int'))}"
        return self._use(symbol)
