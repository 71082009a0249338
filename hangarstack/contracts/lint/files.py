"""Rules for the files of a contract."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from hangarstack.contracts.files import entries, is_directory
from hangarstack.contracts.jsonencoding import problems
from hangarstack.contracts.lint.finding import Place
from hangarstack.contracts.model import Contract


def examples(contract: Contract) -> Iterator[Place]:
    """Every version has examples, and they are records of it."""
    for version in contract.versions:
        if not version.examples:
            yield str(contract.directory / "examples" / f"v{version.number}"), "the version has no example"
        for example in version.examples:
            for problem in problems(version.schema, example.record):
                yield str(example.path), problem


def repeated(contract: Contract) -> Iterator[Place]:
    """No version says what an older one said."""
    first: dict[str, int] = {}
    for version in contract.versions:
        twin = first.setdefault(version.fingerprint, version.number)
        if twin != version.number:
            yield str(version.path), f"it is v{twin} word by word"


def orphans(contract: Contract) -> Iterator[Place]:
    """No file lies around that nobody reads."""
    known = {contract.directory / "contract.toml"}
    for version in contract.versions:
        known.add(version.path)
        known.update(example.path for example in version.examples)
    for path in _files(contract.directory):
        if path not in known:
            yield str(path), "the file belongs to no version"


def _files(directory: Path) -> Iterator[Path]:
    for path in entries(directory):
        # What a link leads to is not of the contract, and may lead round in circles.
        if is_directory(path) and not path.is_symlink():
            yield from _files(path)
        elif not is_directory(path):
            yield path
