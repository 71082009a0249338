"""All generated files of a contract tree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from hangarstack.codegen.leaves import Symbol, runtime
from hangarstack.codegen.limits import check_supported
from hangarstack.codegen.module import EventModule
from hangarstack.codegen.namespace import Namespace, import_order
from hangarstack.codegen.naming import Scope, identifier, snake
from hangarstack.codegen.oldmajor import OldMajorModule
from hangarstack.codegen.schematexts import HEADER, schema_module
from hangarstack.codegen.source import Call, Source, quoted
from hangarstack.contracts.model import Contract


def generate(contracts: Sequence[Contract], package: str) -> dict[str, str]:
    """Return the source of each module that the contracts make.

    The same contracts make the same text, whatever their order.

    Args:
        contracts: with all their versions.
        package: that the modules will be in, ``hangarstack.events``.

    Returns:
        Source by path relative to the package's directory.

    Raises:
        UnsupportedSchemaError: a schema is one that the generator refuses; it says which, and where.
    """
    files: dict[str, str] = {"schemas/__init__.py": _schemas_package()}
    exports: dict[str, tuple[str, ...]] = {}
    for contract, name, old_names in module_names(contracts):
        check_supported(contract)
        old = _old_majors(contract, package, old_names)
        module = EventModule(contract, package, name, old)
        files |= {f"{each}.py": major.text() for each, major in zip(old_names, old, strict=True)}
        files[f"{name}.py"] = module.text()
        files[f"schemas/{name}.py"] = schema_module(contract)
        exports[name] = module.exports
    files["__init__.py"] = _package(package, exports)
    return dict(sorted(files.items()))


def module_names(contracts: Sequence[Contract]) -> list[tuple[Contract, str, list[str]]]:
    """Return the contracts in the order of their names, each with its module and those of its old majors."""
    ordered = sorted(contracts, key=lambda contract: contract.name)
    scope = Scope({"runtime", "schemas", "upcasters"})
    # An upcaster must not rename the module of another event, so those of old majors come after all events.
    names = [scope.take(snake(identifier(contract.name))) for contract in ordered]
    return [
        (contract, name, [scope.take(f"{name}_v{upcaster.last}") for upcaster in contract.upcasters])
        for contract, name in zip(ordered, names, strict=True)
    ]


def _old_majors(contract: Contract, package: str, names: Sequence[str]) -> list[OldMajorModule]:
    first, majors = 1, []
    for upcaster, name in zip(contract.upcasters, names, strict=True):
        majors.append(OldMajorModule(contract, upcaster, first, package, name))
        first = upcaster.last + 1
    return majors


def _schemas_package() -> str:
    source = Source()
    source.line(HEADER)
    source.docstring("The released schemas of the events.")
    return source.text()


def _package(package: str, exports: dict[str, tuple[str, ...]]) -> str:
    """Return the source of the package, which offers the classes whose names are unique, and the codecs."""
    counts = Counter(name for names in exports.values() for name in names)
    source = Source()
    source.line(HEADER)
    source.docstring("The events: their classes and codecs.")
    source.line()
    source.line("from __future__ import annotations")
    source.line()
    offers = {module: [name for name in names if counts[name] == 1] for module, names in exports.items()}
    names = Namespace((), (), package)
    names.use(runtime("codec", "Codec"))
    names.use(Symbol("typing", "Any"))
    names.use(Symbol("typing", "Final"))
    for module, offered in offers.items():
        names.rename(Symbol(f"{package}.{module}", "CODEC"), module.upper())
        for name in offered:
            names.use(Symbol(f"{package}.{module}", name))
    for line in names.imports():
        source.line(line)
    source.line()
    codecs = tuple(module.upper() for module in sorted(exports))
    source.put("CODECS: Final[tuple[Codec[Any], ...]] = ", Call("(", codecs) if codecs else "()")
    source.docstring("The codec of each event, in the order of their names.")
    source.line()
    offered = [*codecs, "CODECS", *(name for offer in offers.values() for name in offer)]
    source.put("__all__ = ", Call("[", tuple(quoted(name) for name in sorted(offered, key=import_order)), "]"))
    return source.text()
