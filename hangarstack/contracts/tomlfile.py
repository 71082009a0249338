"""A TOML file read strictly: every key is asked for by type and range, and what nobody asked for is an error."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import tomli

from hangarstack.contracts.files import read_file
from hangarstack.errors import ContractTreeError, UnknownKeyError


class Table:
    """One table of a TOML file.

    Args:
        values: the table.
        where: file, and the table's name within it.
        line: of the file, on which it begins; 0 where it is not known.
        source: of a whole file, its text.
    """

    def __init__(self, values: dict[str, Any], where: str, *, line: int = 0, source: str = "") -> None:
        self._values = dict(values)
        self.where = where
        self.line = line
        self._source = source

    def text(self, key: str) -> str:
        """Take a text that is not empty.

        Raises:
            ContractTreeError: missing, not text, or empty; as all methods here do for their type.
        """
        value = self._take(key)
        if not isinstance(value, str) or not value.strip():
            raise self.error(key, "must be text that is not empty")
        return value

    def choice(self, key: str, allowed: Iterable[str]) -> str:
        """Take one of several texts."""
        value, options = self.text(key), list(allowed)
        if value not in options:
            raise self.error(key, f"must be one of {', '.join(options)}")
        return value

    def integer(self, key: str, low: int, high: int) -> int:
        """Take an integer from low to high, both included."""
        value = self._take(key)
        if type(value) is not int or not low <= value <= high:
            raise self.error(key, f"must be a whole number from {low} to {high}")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """Take a list of texts, none of them twice."""
        value = self._take(key)
        if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
            raise self.error(key, "must be a list of texts")
        if len(set(value)) < len(value):
            raise self.error(key, "names something twice")
        return tuple(value)

    def date(self, key: str) -> datetime.date:
        """Take a date without a time."""
        value = self._take(key)
        if type(value) is not datetime.date:
            raise self.error(key, "must be a date such as 2027-01-31, without quotes")
        return value

    def integers(self, key: str, low: int, high: int) -> tuple[int, ...]:
        """Take a list, not empty, of integers from low to high, both included, none of them twice."""
        value = self._take(key)
        if not isinstance(value, list) or not value or not all(type(n) is int and low <= n <= high for n in value):
            raise self.error(key, f"must be a list of whole numbers from {low} to {high}")
        if len(set(value)) < len(value):
            raise self.error(key, "names something twice")
        return tuple(value)

    def table(self, key: str) -> Table:
        """Take a table within this one."""
        value = self._take(key)
        if not isinstance(value, dict):
            raise self.error(key, "must be a table")
        return Table(value, f"{self.where}: {key}")

    def tables(self, key: str) -> list[Table]:
        """Take a list of tables that is not empty."""
        value = self._take(key)
        if not isinstance(value, list) or not value or not all(isinstance(item, dict) for item in value):
            raise self.error(key, f"must be tables: write [[{key}]]")
        lines = [number for number, line in enumerate(self._source.split("\n"), 1) if _is_header(line, key)]
        if len(lines) != len(value):
            # Written within brackets, or a text of several lines has one that looks like a header.
            lines = [0] * len(value)
        return [
            Table(item, f"{self.where}: {key} {number}", line=line)
            for number, (item, line) in enumerate(zip(value, lines, strict=True), start=1)
        ]

    def rest(self) -> list[str]:
        """Return the keys not taken yet, in the order of the file."""
        return list(self._values)

    def has(self, key: str) -> bool:
        """Tell whether a key is there and not taken yet."""
        return key in self._values

    def peek(self, key: str) -> Any:
        """Return a value as it is without taking it; ``None`` when it is not there."""
        return self._values.get(key)

    def done(self) -> None:
        """Refuse keys that were not taken.

        Raises:
            UnknownKeyError: there are some.
        """
        if self._values:
            unknown = ", ".join(self._values)
            raise UnknownKeyError(
                f"unknown key: {unknown}", where=self.where, remedy="Check the spelling, or remove it"
            )

    def error(self, key: str, what: str) -> ContractTreeError:
        """Return the error for one key of this table."""
        return ContractTreeError(f"{key} {what}", where=self.where, remedy=f"Set {key}")

    def _take(self, key: str) -> Any:
        if key not in self._values:
            raise self.error(key, "is missing")
        return self._values.pop(key)


def _is_header(line: str, key: str) -> bool:
    return re.match(rf"\s*\[\[\s*{re.escape(key)}\s*\]\]", line) is not None


def read_toml(path: Path) -> Table:
    """Read a TOML file.

    Raises:
        ContractTreeError: unreadable, not UTF-8 or not TOML.
    """
    try:
        return parse_toml(read_file(path), str(path))
    except OSError as error:
        raise ContractTreeError(
            f"the file cannot be read: {error.strerror}", where=str(path), remedy="Restore it"
        ) from error


def parse_toml(data: bytes, where: str) -> Table:
    """Parse what a TOML file holds; ``where`` is its name in an error.

    Raises:
        ContractTreeError: not UTF-8 or not TOML.
    """
    try:
        # Not tomllib, the same code but not compiled: a lock of thousands of versions takes a third of the time.
        text = data.decode()
        return Table(tomli.loads(text), where, source=text)
    except (ValueError, RecursionError) as error:
        # ValueError: what is no text, no TOML, or a number of too many digits.
        raise ContractTreeError(f"this is not TOML: {error}", where=where, remedy="Mend the file") from error
