"""Writing and reading for real: fastavro encodes with the writer's schema and decodes under the reader's.

Logical types change no bytes, and a consumer applies those of its own schema afterwards. Where fastavro knows one, it
makes the value before anything else, whatever branch of a union it takes; here that value is the raw one.
"""

from __future__ import annotations

import io
from typing import Any, Final

import fastavro

from hangarstack.contracts.runtime_verdict.branches import named_types
from hangarstack.contracts.runtime_verdict.extent import DEEPEST, too_deep
from hangarstack.contracts.schema import MISSING, Array, Enum, Fixed, Map, Primitive, Record, Schema, Union

MARK: Final = "hangarstack__record"
"""A field that the reader's records get besides their own: its default, the record's name, tells which was read."""
_ROOT: Final = "hangarstack__root"
_RAW: Final = "hangarstack__raw"
"""A logical type of which fastavro hands out the raw value."""


def _as_it_is(value: Any, *_: Any) -> Any:
    return value


fastavro.read.LOGICAL_READERS.update({f"{kind}-{_RAW}": _as_it_is for kind in ("int", "long", "bytes", "string")})


class UnreadableError(Exception):
    """The reader cannot read the record at all."""


class Run:
    """A reader and a writer.

    Args:
        reader: its schema.
        writer: its schema.

    Raises:
        UnreadableError: fastavro does not take one of the schemas, or they are nested too deeply to be tried.
    """

    def __init__(self, reader: Schema, writer: Schema) -> None:
        if too_deep(reader) or too_deep(writer):
            raise UnreadableError(f"types are nested more than {DEEPEST} levels deep, which is not tried")
        self._dotted = _mix_namespaces(reader, writer)
        self._wrapped = not (isinstance(reader, Record) and isinstance(writer, Record))
        plain = self._shape(writer, marked=False)
        self.resolves = reader is not writer
        """Whether the schemas differ, if in a doc alone; with the writer's own schema fastavro resolves nothing."""
        try:
            self._writer = fastavro.parse_schema(plain, _ignore_default_error=True)
            marked = self._shape(reader, marked=True)
            self._reader = fastavro.parse_schema(marked, _ignore_default_error=True) if self.resolves else None
        except Exception as error:  # whatever is raised, the consumer does not start
            raise UnreadableError(said(error)) from error

    def write(self, value: Any) -> bytes:
        """Return the Avro body of a value that the writer can write."""
        out = io.BytesIO()
        datum = _dot_branches(value, self._dotted) if self._dotted else value
        fastavro.schemaless_writer(out, self._writer, {_ROOT: datum} if self._wrapped else datum)
        return out.getvalue()

    def read(self, body: bytes) -> Any:
        """Return what the reader decodes.

        Raises:
            UnreadableError: it decodes nothing.
        """
        try:
            read: Any = fastavro.schemaless_reader(io.BytesIO(body), self._writer, self._reader)
            return read[_ROOT] if self._wrapped else read
        except Exception as error:  # whatever is raised, the consumer has no record
            raise UnreadableError(said(error)) from error

    def _shape(self, schema: Schema, *, marked: bool) -> Any:
        shape = _Shape(marked=marked, dotted=self._dotted).of(schema)
        if not self._wrapped:
            return shape
        # Of anything but a record fastavro parses the schema again for every value. A record's fields are its body,
        # so around a single value it changes no byte.
        return {"type": "record", "name": _ROOT, "fields": [{"name": _ROOT, "type": shape}]}


def comes_raw(schema: Schema) -> bool:
    """Tell whether ``Run`` reads a writer's primitive without promoting it, for fastavro makes its value at once."""
    if not isinstance(schema, Primitive) or schema.logical is None:
        return False
    return f"{schema.type}-{schema.logical.name}" in fastavro.read.LOGICAL_READERS


def said(error: Exception) -> str:
    """Return an error in one line."""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text[:120]}{'…' if len(text) > 120 else ''}"


def _mix_namespaces(reader: Schema, writer: Schema) -> frozenset[str]:
    """Return the names without namespace where other types have one; none where no name can be mistaken.

    Within a namespace fastavro takes a bare name for one of that namespace, but a name with a dot before it as it is.
    """
    names = {each.name for schema in (reader, writer) for each in named_types(schema)}
    bare = frozenset(name for name in names if "." not in name)
    return bare if len(bare) < len(names) else frozenset()


def _dot_branches(value: Any, dotted: frozenset[str]) -> Any:
    if isinstance(value, tuple):
        name, inner = value
        return f".{name}" if name in dotted else name, _dot_branches(inner, dotted)
    if isinstance(value, list):
        return [_dot_branches(item, dotted) for item in value]
    if isinstance(value, dict):
        return {key: _dot_branches(item, dotted) for key, item in value.items()}
    return value


class _Shape:
    """A schema as fastavro takes it: structure, names, aliases, defaults, and which values it makes itself."""

    def __init__(self, *, marked: bool, dotted: frozenset[str]) -> None:
        self._marked = marked
        self._dotted = dotted
        self._known: set[str] = set()

    def of(self, schema: Schema) -> Any:
        if isinstance(schema, Primitive):
            return {"type": schema.type, "logicalType": _RAW} if comes_raw(schema) else schema.type
        if isinstance(schema, Array):
            return {"type": "array", "items": self.of(schema.items)}
        if isinstance(schema, Map):
            return {"type": "map", "values": self.of(schema.values)}
        if isinstance(schema, Union):
            return [self.of(branch) for branch in schema.branches]
        name = self._name(schema.name)
        if name in self._known:
            return name
        self._known.add(name)
        # To fastavro an alias is the text that it is written as: a short one is for any type of that short name, and
        # one with a leading dot, which stands for no namespace, is for none.
        aliases = [*(alias for alias in schema.aliases if "." in alias), *schema.short_aliases]
        head: dict[str, Any] = {"name": name, "aliases": aliases}
        if isinstance(schema, Fixed):
            return {"type": "fixed", "size": schema.size, **head}
        if isinstance(schema, Enum):
            default = {} if schema.default is None else {"default": schema.default}
            return {"type": "enum", "symbols": list(schema.symbols), **default, **head}
        return {"type": "record", "fields": self._fields(schema), **head}

    def _name(self, name: str) -> str:
        return f".{name}" if name in self._dotted else name

    def _fields(self, record: Record) -> list[dict[str, Any]]:
        fields = []
        for field in record.fields:
            shape: dict[str, Any] = {"name": field.name, "type": self.of(field.type), "aliases": list(field.aliases)}
            if field.default is not MISSING:
                # fastavro knows nothing of text that stands for a number.
                shape["default"] = field.default if field.written_default is None else field.written_default
            fields.append(shape)
        if self._marked:
            fields.append({"name": MARK, "type": "string", "default": record.name})
        return fields
