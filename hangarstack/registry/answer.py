"""What a registry answered, read strictly: a server that is none answers with anything."""

from __future__ import annotations

import json
from typing import Any, Final

from hangarstack.errors import RegistryError

_LONGEST_EXCERPT: Final = 80


class Answer:
    """The JSON of an answer.

    Args:
        value: the JSON.
        where: method, URL and path of the call, without credentials.
    """

    def __init__(self, value: Any, where: str) -> None:
        self._value = value
        self._where = where

    def number(self, key: str) -> int:
        """Return a whole number of an object.

        Raises:
            RegistryError: it is not there, or the answer is no object; as all methods here do for their type.
        """
        found = self._member(key)
        if type(found) is not int:
            raise self.strange(f"no whole number {key}")
        return found

    def text(self, key: str) -> str:
        """Return a text of an object."""
        found = self._member(key)
        if not isinstance(found, str):
            raise self.strange(f"no text {key}")
        return found

    def text_if_any(self, key: str) -> str | None:
        """Return a text of an object, or None when it is not there."""
        return None if self._member(key) is None else self.text(key)

    def flag(self, key: str) -> bool:
        """Return a truth value of an object."""
        found = self._member(key)
        if not isinstance(found, bool):
            raise self.strange(f"no truth value {key}")
        return found

    def texts_if_any(self, key: str) -> list[str]:
        """Return a list of texts of an object; an empty one when it is not there."""
        found = self._member(key)
        return [] if found is None else Answer(found, self._where).texts()

    def texts(self) -> list[str]:
        """Return a list of texts."""
        found = self._value
        if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
            raise self.strange("no list of texts")
        return found

    def whole_number(self) -> int:
        """Return the answer, a whole number itself."""
        if type(self._value) is not int:
            raise self.strange("no whole number")
        return self._value

    def numbers(self) -> list[int]:
        """Return a list of whole numbers."""
        found = self._value
        if not isinstance(found, list) or not all(type(each) is int for each in found):
            raise self.strange("no list of whole numbers")
        return found

    def strange(self, what: str) -> RegistryError:
        """Return the error for an answer that is not what it should be; ``what`` says how, after *holds*."""
        return strange(json.dumps(self._value), f"it holds {what}", where=self._where)

    def _member(self, key: str) -> Any:
        if not isinstance(self._value, dict):
            raise self.strange("no members")
        return self._value.get(key)


def parse_answer(data: bytes, where: str) -> Answer:
    """Parse the body of an answer.

    Raises:
        RegistryError: it is no JSON.
    """
    try:
        return Answer(json.loads(data), where)
    except (ValueError, RecursionError) as error:
        raise strange(data.decode(errors="replace"), "it is not JSON", where=where) from error


def strange(came: str, why: str, *, where: str) -> RegistryError:
    """Return the error for an answer that no registry gives.

    Args:
        came: the answer; its beginning is quoted.
        why: what is wrong with it.
        where: method, URL and path of the call, without credentials.
    """
    excerpt = came if len(came) <= _LONGEST_EXCERPT else f"{came[:_LONGEST_EXCERPT]}…"
    return RegistryError(
        f"the answer is not what a schema registry gives, {why}: {excerpt!r}",
        where=where,
        remedy="Set HANGARSTACK_REGISTRY_URL to the address of a schema registry",
    )
