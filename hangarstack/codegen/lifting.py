"""The decoders of old major versions: their own, and then the functions that lift what those return."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from hangarstack.codegen.functions import Function
from hangarstack.codegen.leaves import Symbol, builtin, runtime
from hangarstack.codegen.oldmajor import OldMajorModule
from hangarstack.codegen.pythontypes import PythonTypes
from hangarstack.codegen.source import Call, Expression, quoted

_LIFT: Final = runtime("lifting", "lift")


def lifting_functions(types: PythonTypes, old: Sequence[OldMajorModule]) -> Iterator[Function]:
    """Yield ``decode_v<number>`` for each version of an old major, newest first.

    A record of the oldest major is lifted by each function in turn.

    Args:
        types: of the event as it is now.
        old: the old majors, the oldest first.
    """
    lifters = {major.last: types.names.define(f"lift_v{major.last}") for major in old}
    for index in reversed(range(len(old))):
        for version in reversed(old[index].versions):
            yield _decoder(types, old[index:], version, lifters)


def _decoder(types: PythonTypes, old: Sequence[OldMajorModule], version: int, lifters: dict[int, str]) -> Function:
    use, current = types.names.use, types.class_of(types.root)
    function = Function(f"decode_v{version}")
    source = function.source
    read = old[0].decoder(version)
    reader = types.names.define(f"_read_v{version}")
    types.names.rename(read, reader)
    value: Expression = f"{reader}(body)"
    targets = [*(use(major.event_class) for major in old[1:]), current]
    for major, target in zip(old, targets, strict=True):
        where = (f"event={quoted(f'{current} v{version}')}", f"name={quoted(major.function)}")
        value = Call(f"{use(_LIFT)}(", (lifters[major.last], value, target, *where))
    with source.function(function.name, (f"body: {use(builtin('bytes'))}",), current):
        source.docstring("Decode what a writer of this version wrote, and lift it; raises DecodeError.")
        source.line("# Imported when it is called: the functions need the classes of this module.")
        for symbol, name in sorted((_symbol(major), lifters[major.last]) for major in old):
            known_as = "" if symbol.name == name else f" as {name}"
            source.line(f"from {symbol.module} import {symbol.name}{known_as}")
        source.line()
        source.put("return ", value)
    return function


def _symbol(major: OldMajorModule) -> Symbol:
    module, _, name = major.function.partition(":")
    return Symbol(module, name)
