"""Generating code for schemas that are no contract of ours, and importing it without a file."""

from __future__ import annotations

import itertools
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from hangarstack.codegen import generate
from hangarstack.contracts.compatibility import Level
from hangarstack.contracts.model import Contract, Upcaster, Version
from hangarstack.contracts.schema import Record, parse_schema
from hangarstack.contracts.schema.jsontext import write_json
from hangarstack.events.runtime import Codec

_NUMBERS: Final = itertools.count()
_OLD_MAJOR: Final = re.compile(r"_v\d+\.py$")


def contract_of(
    *schemas: Mapping[str, Any], name: str = "Event", key: str | None = None, lifted: Mapping[int, str] | None = None
) -> Contract:
    """Return a contract whose versions are these schemas, oldest first.

    Args:
        schemas: of the versions.
        name: of the event.
        key: its field that is the record's key; the first unless given.
        lifted: the upcaster's place, by the last version of each old major.
    """
    step = Path("migrations/schemas/0001_lift.toml")
    upcasters = tuple(
        Upcaster(contract="event", last=last, function=function, path=step)
        for last, function in sorted((lifted or {}).items())
    )
    return Contract(
        name=name,
        directory=Path("contracts/avro/event"),
        topic="events",
        key=key if key is not None else _first_field(schemas[-1]),
        compatibility=Level.NONE,
        owner="tests",
        description="An event of a test.",
        producers=(),
        consumers=(),
        partitions=1,
        retention_ms=-1,
        compression="producer",
        min_insync_replicas=1,
        cleanup_policy="delete",
        max_message_bytes=1_000_000,
        versions=tuple(_version(number, schema) for number, schema in enumerate(schemas, start=1)),
        upcasters=upcasters,
    )


def _first_field(schema: Mapping[str, Any]) -> str:
    fields = schema["fields"]
    return str(fields[0]["name"]) if fields else ""


def _version(number: int, value: Mapping[str, Any]) -> Version:
    schema = parse_schema(value)
    assert isinstance(schema, Record)
    return Version(
        number=number,
        path=Path(f"contracts/avro/event/v{number}.avsc"),
        text=write_json(dict(value)),
        json=value,
        schema=schema,
        fingerprint="",
        reason="",
    )


@contextmanager
def imported(files: Mapping[str, str], package: str) -> Iterator[dict[str, ModuleType]]:
    """Import generated files from memory, by path; they are forgotten afterwards."""
    names = {path: _module_name(package, path) for path in sorted(files, key=_import_order)}
    try:
        modules = {}
        for path, name in names.items():
            module = ModuleType(name)
            module.__dict__["__path__"] = []
            sys.modules[name] = module
            exec(compile(files[path], f"<generated {path}>", "exec"), module.__dict__)  # noqa: S102 # code under test
            modules[path] = module
        yield modules
    finally:
        for name in names.values():
            sys.modules.pop(name, None)


def _module_name(package: str, path: str) -> str:
    parts = path.removesuffix(".py").split("/")
    return ".".join([package, *(part for part in parts if part != "__init__")])


def _import_order(path: str) -> tuple[bool, bool, bool, str]:
    old_major = _OLD_MAJOR.search(path) is not None
    return path == "__init__.py", not path.startswith("schemas/"), not old_major, path


@contextmanager
def generated(*schemas: Mapping[str, Any], name: str = "Event") -> Iterator[Codec[Any]]:
    """Generate and import the code of one event; its versions are these schemas, oldest first."""
    package = f"generated_{next(_NUMBERS)}"
    files = generate([contract_of(*schemas, name=name)], package)
    with imported(files, package) as modules:
        path = next(path for path in modules if "/" not in path and path != "__init__.py")
        yield modules[path].CODEC


def source_of(schemas: Sequence[Mapping[str, Any]]) -> str:
    """Return the generated module of an event."""
    files = generate([contract_of(*schemas)], "generated")
    return files["event.py"]
