"""What Python makes of each primitive, fixed and logical type, and which functions read and write it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

from hangarstack.contracts.schema import Fixed, Logical, Primitive

RUNTIME: Final = "hangarstack.events.runtime"


class Symbol(NamedTuple):
    """Something that generated code imports."""

    module: str
    name: str


def runtime(module: str, name: str) -> Symbol:
    """Return what generated code imports from the events' runtime."""
    return Symbol(f"{RUNTIME}.{module}", name)


def builtin(name: str) -> Symbol:
    """Return one of Python's own names, which is imported only where a field hides it."""
    return Symbol("builtins", name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """A type without parts.

    Args:
        type: its Python type.
        read: function of body and position.
        write: function of output and value.
        convert: function that makes the logical type of what a promotion read, or of a default.
        args: what all three take besides: precision and scale of a decimal.
        size: bytes of a fixed, which reading and writing take before them.
    """

    type: Symbol
    read: Symbol
    write: Symbol
    convert: Symbol | None = None
    args: tuple[int, ...] = ()
    size: int | None = None

    @property
    def sized_args(self) -> tuple[int, ...]:
        """What reading and writing take besides."""
        return self.args if self.size is None else (self.size, *self.args)

    @property
    def kind(self) -> str:
        """The Python type's name: branches of a union that share it need telling apart."""
        return self.type.name


def _plain(type_: str, name: str) -> Leaf:
    return Leaf(type=builtin(type_), read=runtime("reading", f"read_{name}"), write=runtime("writing", f"write_{name}"))


def _time(type_: str, name: str) -> Leaf:
    return Leaf(
        type=Symbol("datetime", type_),
        read=runtime("times", f"read_{name}"),
        write=runtime("times", f"write_{name}"),
        convert=runtime("times", name),
    )


_UUID: Final = Symbol("uuid", "UUID")
_DECIMAL: Final = Symbol("decimal", "Decimal")

_PLAIN: Final = {
    "boolean": _plain("bool", "boolean"),
    "int": _plain("int", "int"),
    "long": _plain("int", "long"),
    "float": _plain("float", "float"),
    "double": _plain("float", "double"),
    "bytes": _plain("bytes", "bytes"),
    "string": _plain("str", "string"),
}

_LOGICAL: Final = {
    "date": _time("date", "day"),
    "time-millis": _time("time", "time_millis"),
    "time-micros": _time("time", "time_micros"),
    "timestamp-millis": _time("datetime", "timestamp_millis"),
    "timestamp-micros": _time("datetime", "timestamp_micros"),
    "local-timestamp-millis": _time("datetime", "local_timestamp_millis"),
    "local-timestamp-micros": _time("datetime", "local_timestamp_micros"),
}
"""Nanoseconds are not here: a datetime has none, so they stay integers."""

_PROMOTED: Final = {
    ("int", "long"): runtime("reading", "read_int"),
    ("int", "float"): runtime("promoting", "read_int_as_float"),
    ("int", "double"): runtime("promoting", "read_int_as_double"),
    ("long", "float"): runtime("promoting", "read_long_as_float"),
    ("long", "double"): runtime("promoting", "read_long_as_double"),
    ("float", "double"): runtime("promoting", "read_float_as_double"),
    ("string", "bytes"): runtime("reading", "read_bytes"),
    ("bytes", "string"): runtime("texts", "read_bytes_as_string"),
}


def leaf_of(schema: Primitive | Fixed) -> Leaf:
    """Return what Python makes of a primitive (but null) or a fixed."""
    if isinstance(schema, Fixed):
        return _fixed(schema.size, schema.logical)
    logical = schema.logical
    if logical is not None and logical.name == "uuid":
        return Leaf(
            type=_UUID,
            read=runtime("uuids", "read_uuid"),
            write=runtime("uuids", "write_uuid"),
            convert=runtime("uuids", "uuid_text"),
        )
    if logical is not None and logical.name == "decimal":
        return Leaf(
            type=_DECIMAL,
            read=runtime("decimals", "read_decimal"),
            write=runtime("decimals", "write_decimal"),
            convert=runtime("decimals", "decimal_of"),
            args=(logical.precision, logical.scale),
        )
    return _PLAIN[schema.type] if logical is None else _LOGICAL.get(logical.name, _PLAIN[schema.type])


def _fixed(size: int, logical: Logical | None) -> Leaf:
    name = "" if logical is None else logical.name
    if logical is not None and name == "decimal":
        return Leaf(
            type=_DECIMAL,
            read=runtime("decimals", "read_fixed_decimal"),
            write=runtime("decimals", "write_fixed_decimal"),
            convert=runtime("decimals", "fixed_decimal_of"),
            args=(logical.precision, logical.scale),
            size=size,
        )
    if name == "uuid":
        return Leaf(
            type=_UUID,
            read=runtime("uuids", "read_fixed_uuid"),
            write=runtime("uuids", "write_fixed_uuid"),
            convert=runtime("uuids", "uuid_bytes"),
            size=size,
        )
    if name == "duration":
        return Leaf(
            type=runtime("durations", "Duration"),
            read=runtime("durations", "read_duration"),
            write=runtime("durations", "write_duration"),
            convert=runtime("durations", "duration_of"),
            size=size,
        )
    return Leaf(
        type=builtin("bytes"),
        read=runtime("reading", "read_fixed"),
        write=runtime("writing", "write_fixed"),
        size=size,
    )


def promoted_reader(writer: Primitive, reader: Primitive) -> Symbol:
    """Return the function that reads a writer's primitive as the reader's wider one, before any logical type."""
    return _PROMOTED[writer.type, reader.type]
