"""The names of the files that hold versions."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from hangarstack.contracts.files import entries, is_directory
from hangarstack.errors import ContractTreeError, VersionGapError

VERSION: Final = "[1-9][0-9]{0,8}"
"""A version's number as a pattern."""
MOST_VERSIONS: Final = 999_999_999
"""The largest number that it lets through."""

_FILE: Final = re.compile(r"v([1-9][0-9]*)\.avsc")
_NUMBER: Final = re.compile(VERSION)


def contract_directories(home: Path) -> list[Path]:
    """Return the directories in a directory of contracts, sorted; links to directories too.

    Raises:
        ContractTreeError: it may not be looked into, or a schema lies in it beside the contracts.
    """
    found = []
    for path in entries(home):
        if is_directory(path):
            found.append(path)
        else:
            _refuse_schema(path, "the schema is in no contract's directory")
    return found


def versions_in(directory: Path) -> list[int]:
    """Return the numbers of a contract's versions, sorted.

    Raises:
        ContractTreeError: the directory may not be looked into, or has a schema that is named like no version: nothing
            would judge it.
        VersionGapError: a number is larger than any version's can be.
    """
    numbers = []
    for path in entries(directory):
        found = _FILE.fullmatch(path.name)
        if found is None:
            _refuse_schema(path, "the schema is named like no version")
            continue
        if not _NUMBER.fullmatch(found[1]):
            raise VersionGapError(
                f"no version has a number above {MOST_VERSIONS}",
                where=str(path),
                remedy="Give it the number after the newest version's",
            )
        numbers.append(int(found[1]))
    return sorted(numbers)


def _refuse_schema(path: Path, what: str) -> None:
    if path.name.lower().endswith(".avsc"):
        raise ContractTreeError(
            f"{what}, so nothing would judge it",
            where=str(path),
            remedy="Name it v1.avsc, v2.avsc and so on in the directory of its contract, or move it out of contracts/",
        )
