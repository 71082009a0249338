"""Aircraft records in files: read, and held against their JSON Schema."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from hangarstack.errors import CatalogueError, InvalidAircraftError

SCHEMA_FILE: Final = "aircraft.schema.json"
_LARGEST_FILE: Final = 1_000_000


class RecordValidator:
    """Holds records against ``data/aircraft.schema.json``.

    Args:
        data: the directory that holds the schema and ``aircraft/``.
    """

    def __init__(self, data: Path) -> None:
        self._path = data / SCHEMA_FILE

    @cached_property
    def schema(self) -> dict[str, Any]:
        """The JSON Schema.

        Raises:
            CatalogueError: the file is missing or is not JSON.
        """
        return read_json(self._path)

    @cached_property
    def _validator(self) -> Any:
        # Imported on first use: it costs 40 ms, and a process that never edits never needs it.
        from jsonschema import Draft202012Validator, FormatChecker

        return Draft202012Validator(self.schema, format_checker=FormatChecker())

    def problems(self, record: object) -> dict[str, str]:
        """Return dotted field path → what is wrong with it, one sentence each; empty when the record is valid."""
        found: dict[str, str] = {}
        for error in sorted(self._validator.iter_errors(record), key=lambda e: list(map(str, e.absolute_path))):
            path = ".".join(str(step) for step in error.absolute_path)
            if error.validator == "required":
                path = ".".join(filter(None, [path, error.message.split("'")[1]]))
                found.setdefault(path, "is required")
            else:
                found.setdefault(path or "record", _sentence(error))
        return found

    def check(self, record: Any, *, where: str) -> None:
        """Raise InvalidAircraftError unless the record is valid."""
        problems = self.problems(record)
        if problems:
            told = [f"{path} {problem}" for path, problem in problems.items()][:_TOLD]
            more = len(problems) - len(told)
            raise InvalidAircraftError(
                "; ".join(told) + (f" (and {more} more)" if more else ""),
                problems=problems,
                where=where,
                remedy=f"{self._path} says what each field may hold",
            )


_KINDS: Final = {"string": "text", "number": "a number", "integer": "a whole number", "boolean": "yes or no"}
_SHAPES: Final = {"date": "a date such as 1974-01-20", "uri": "an address such as https://example.org/page"}
_LISTED: Final = 30
_TOLD: Final = 5


def _sentence(error: Any) -> str:
    """Return what is wrong in words that a person who fills in a form understands."""
    limit = error.validator_value
    match str(error.validator):
        case "minimum":
            return f"must be at least {limit}"
        case "maximum":
            return f"must be at most {limit}"
        case "minLength":
            return f"must have at least {limit} characters"
        case "maxLength":
            return f"must have at most {limit} characters"
        case "minItems":
            return f"must have at least {limit} entries"
        case "maxItems":
            return f"must have at most {limit} entries"
        case "uniqueItems":
            return "must not have the same entry twice"
        case "type":
            return f"must be {_KINDS.get(str(limit), f'of type {limit}')}"
        case "format":
            return f"must be {_SHAPES.get(str(limit), f'a {limit}')}"
        case "enum" if len(limit) <= _LISTED:
            return f"must be one of {', '.join(map(str, limit))}"
        case "enum" | "pattern":
            return f"does not fit: {error.schema.get('description', limit)}"
        case _:
            return str(error.message)[:200]


def read_json(path: Path) -> dict[str, Any]:
    """Read one JSON object of at most 1 MB.

    Raises:
        CatalogueError: missing, too large, not UTF-8, not JSON or not an object; says the line where it can.
    """
    try:
        if path.stat().st_size > _LARGEST_FILE:
            raise CatalogueError("the file is larger than 1 MB", where=str(path), remedy="Split or shorten it")
        value = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CatalogueError(
            f"the file cannot be read: {error.strerror}",
            where=str(path),
            remedy="Restore it from version control",
        ) from error
    except json.JSONDecodeError as error:
        raise CatalogueError(
            f"not JSON: {error.msg}", where=f"{path}:{error.lineno}", remedy="Mend or restore the file"
        ) from error
    except UnicodeDecodeError as error:
        raise CatalogueError("not UTF-8", where=str(path), remedy="Mend or restore the file") from error
    if not isinstance(value, dict):
        raise CatalogueError("not a JSON object", where=str(path), remedy="Mend or restore the file")
    return value


def load_records(data: Path) -> list[Mapping[str, Any]]:
    """Read and check every ``data/aircraft/*.json``, in order of id.

    Raises:
        CatalogueError: the directory has no record, or a file is unreadable, invalid, or not named after its id.
    """
    files = sorted((data / "aircraft").glob("*.json"))
    if not files:
        raise CatalogueError(
            "there is no aircraft record",
            where=str(data / "aircraft"),
            remedy="Set HANGARSTACK_ROOT to a checkout",
        )
    validator = RecordValidator(data)
    records: list[Mapping[str, Any]] = []
    for file in files:
        record = read_json(file)
        validator.check(record, where=str(file))
        if record["id"] != file.stem:
            raise CatalogueError(
                f"the record's id is {record['id']!r}", where=str(file), remedy="Name the file after the id"
            )
        records.append(record)
    return records
