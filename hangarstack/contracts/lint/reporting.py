"""What a lint found, as the report that machines read in every format of a check."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from hangarstack.contracts.lint.finding import Finding, Linted, Severity
from hangarstack.contracts.model import Contract
from hangarstack.contracts.problem import Problem
from hangarstack.contracts.report import Report

_WHERE: Final = re.compile(
    r"(?P<file>.+?\.(?:avsc|json|toml))(?:#(?P<pointer>/.*)?|:(?P<line>\d+))?(?:: (?P<place>.*))?", re.DOTALL
)
"""A file, and a JSON pointer into it, a line of it, or the dotted path or type of the current version."""


def report_of(linted: Linted, *, praise: str) -> Report:
    """Return the report: errors are its problems, and each names the line that its place begins on.

    Args:
        linted: what was found.
        praise: the sentence for a tree without an error.
    """
    contracts = {contract.directory: contract for contract in linted.contracts}
    problems = {found: _problem(found, contracts.get(found.directory)) for found in linted.findings}
    return Report(
        contracts=linted.contracts,
        praise=praise,
        baselines=(),
        problems=tuple(problems[found] for found in linted.errors),
        warnings=tuple(problems[found] for found in linted.findings if found.severity is Severity.WARNING),
    )


def _problem(found: Finding, contract: Contract | None) -> Problem:
    match = _WHERE.fullmatch(found.where)
    file = Path(match["file"] if match else found.where)
    pointer, line, place = match.group("pointer", "line", "place") if match else (None, None, None)
    version = _version(file)
    if place and contract is not None and file == contract.current.path:
        pointer = _pointer(contract.current.json, place)
    return Problem(
        kind=found.rule.name,
        contract=contract.name if contract is not None else found.directory.name,
        version=version,
        file=file,
        path=pointer or "",
        side=f"v{version}" if pointer else "",
        line=int(line or 0),
        sentence=f"{place}: {found.sentence}" if place else found.sentence,
        fix=found.rule.what.rstrip("."),
    )


def _version(file: Path) -> int:
    """Return the number of the version that a schema or an example belongs to, 0 when it is none's."""
    name = file.stem if file.suffix == ".avsc" else file.parent.name
    return int(name[1:]) if re.fullmatch(r"v[0-9]{1,9}", name) else 0


def _pointer(schema: object, place: str) -> str:
    """Return the JSON pointer to a field by its dotted path, or to a type by its full name; empty for neither."""
    return next((pointer for name, pointer in _places(schema, "", "", "") if name == place), "")


def _places(schema: object, space: str, path: str, pointer: str) -> Iterator[tuple[str, str]]:
    if isinstance(schema, list):
        for index, branch in enumerate(schema):
            yield from _places(branch, space, path, f"{pointer}/{index}")
    if not isinstance(schema, Mapping):
        return
    if isinstance(schema.get("name"), str):
        space = str(schema.get("namespace", space))
        name = schema["name"] if "." in schema["name"] or not space else f"{space}.{schema['name']}"
        space = name.rpartition(".")[0]
        yield name, f"{pointer}/name"
    fields = schema.get("fields")
    for index, field in enumerate(fields if isinstance(fields, list) else ()):
        yield f"{path}{field['name']}", f"{pointer}/fields/{index}"
        yield from _places(field["type"], space, f"{path}{field['name']}.", f"{pointer}/fields/{index}/type")
    for key in ("items", "values", "type"):
        if isinstance(schema.get(key), dict | list):
            yield from _places(schema[key], space, path, f"{pointer}/{key}")
