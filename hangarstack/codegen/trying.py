"""Upcasters tried: each is there, says what it takes and returns, and lifts the examples of its major."""

from __future__ import annotations

import importlib
import inspect
import sys
import typing
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hangarstack.codegen.package import module_names
from hangarstack.contracts.jsonencoding import problems
from hangarstack.contracts.model import Contract, Upcaster, Version
from hangarstack.errors import CodecError, SchemaMigrationError


def try_upcasters(contracts: Sequence[Contract], package: str, root: Path) -> int:
    """Import the generated code and the upcasters, and lift every example of every old major version.

    The examples are written with their own version's schema, decoded by the generated code, and encoded again.

    Args:
        contracts: with their examples.
        package: of the generated code, which is on disk as the contracts make it.
        root: directory that the package is under.

    Returns:
        The number of examples that were lifted.

    Raises:
        SchemaMigrationError: a function is missing or its signature is another, or an example is not lifted to a
            record of the current version.
    """
    lifted = 0
    for contract, name, old_names in module_names(contracts):
        if contract.upcasters:
            with _importable(root):
                lifted += _Trial(contract, [f"{package}.{module}" for module in (*old_names, name)], root).run()
    return lifted


class _Trial:
    """The upcasters of one contract, and the generated modules of its majors, the current one last."""

    def __init__(self, contract: Contract, modules: Sequence[str], root: Path) -> None:
        self._contract = contract
        self._modules = modules
        self._root = root

    def run(self) -> int:
        module = _import(self._modules[-1], self._contract.upcasters[-1])
        if not Path(module.__file__).resolve().is_relative_to(self._root.resolve()):
            what = f"{module.__name__} is not that of this tree, but {module.__file__}"
            raise _error(self._contract.upcasters[-1], what, "Give the package a name that no other one has")
        codec = module.CODEC
        classes = [
            typing.get_type_hints(getattr(_import(name, upcaster), f"decode_v{upcaster.last}"))["return"]
            for name, upcaster in zip(self._modules, self._contract.upcasters, strict=False)
        ]
        for upcaster, old, new in zip(self._contract.upcasters, classes, [*classes[1:], codec.event_type], strict=True):
            self._check_signature(upcaster, old, new)
        lifted = self._contract.versions[: self._contract.upcasters[-1].last]
        return sum(self._lift(codec, version) for version in lifted)

    def _check_signature(self, upcaster: Upcaster, old: type, new: type) -> None:
        module, _, name = upcaster.function.partition(":")
        wanted = f"def {name}(old: {old.__name__}) -> {new.__name__}"
        remedy = f"Write `{wanted}` in {module}; the classes are in {old.__module__} and {new.__module__}"
        function = getattr(_import(module, upcaster, remedy), name, None)
        if not inspect.isfunction(function):
            raise _error(upcaster, f"there is no function {name} in {module}", remedy)
        try:
            hints: dict[str, Any] = typing.get_type_hints(function)
        except (Exception, SystemExit) as error:
            raise _error(upcaster, f"an annotation cannot be understood: {_said(error)}", remedy) from error
        returns = hints.pop("return", None)
        if list(hints.values()) != [old] or list(inspect.signature(function).parameters) != list(hints):
            raise _error(upcaster, f"it does not take one {old.__name__}", remedy)
        if returns is not new:
            raise _error(upcaster, f"it does not return {new.__name__}", remedy)

    def _lift(self, codec: Any, version: Version) -> int:
        # fastavro takes 40 ms to import, which a tree without upcasters should not pay.
        from hangarstack.contracts.runtime_verdict.encoding import from_json
        from hangarstack.contracts.runtime_verdict.running import Run

        current = self._contract.current.number
        if not version.examples:
            where = self._contract.directory / "examples" / f"v{version.number}"
            raise _failed(where, f"no example of v{version.number} shows that it is lifted to v{current}")
        for example in version.examples:
            wrong = next(problems(version.schema, example.record), None)
            if wrong is not None:
                raise _failed(example.path, f"the example is no record of v{version.number}: {wrong}")
            body = Run(version.schema, version.schema).write(from_json(version.schema, example.record))
            try:
                codec.encode(codec.decode(version.number, body))
            except CodecError as error:
                raise _failed(
                    example.path, f"the example is not lifted to v{current}: {error.where}: {error.what}"
                ) from error
        return len(version.examples)


@contextmanager
def _importable(root: Path) -> Iterator[None]:
    before = list(sys.path)
    sys.path.insert(0, str(root.absolute()))
    importlib.invalidate_caches()
    try:
        yield
    finally:
        sys.path[:] = before


def _import(module: str, upcaster: Upcaster, remedy: str = "") -> Any:
    try:
        return importlib.import_module(module)
    except (Exception, SystemExit) as error:
        # A script that ends where it is imported would end the check as if all were well.
        again = f"Run `hangarstack contracts generate --package {module.rpartition('.')[0]}`"
        raise _error(upcaster, f"{module} cannot be imported: {_said(error)}", remedy or again) from error


def _failed(where: Path, what: str) -> SchemaMigrationError:
    return SchemaMigrationError(what, where=str(where), remedy="Mend the function or the example")


def _said(error: BaseException) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())


def _error(upcaster: Upcaster, what: str, remedy: str) -> SchemaMigrationError:
    return SchemaMigrationError(f"to {upcaster}: {what}", where=str(upcaster.path), remedy=remedy)
