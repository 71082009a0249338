"""A registry as schema migrations see it."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from hangarstack.contracts.compatibility import Level
from hangarstack.errors import SchemaNotFoundError
from hangarstack.registry.rest import RestClient
from hangarstack.settings import Settings


class RegistryAdmin:
    """A registry as schema migrations see it.

    Every method asks the registry anew. A call blocks for at most ``registry_timeout_s``, is tried once, and may raise
    RegistryUnavailableError or, when the credentials are refused or the answer is not what a registry gives,
    RegistryError.

    Args:
        settings: URL, credentials, CA file and time-out of the registry.

    Raises:
        SettingsError: a URL is not http or https.
    """

    def __init__(self, settings: Settings) -> None:
        self._rest = RestClient(settings)

    def subjects(self) -> list[str]:
        """Return the subjects that are not deleted."""
        return self._rest.call("GET", "/subjects").texts()

    def versions(self, subject: str) -> dict[int, str]:
        """Return the schema texts of a subject's versions that are not deleted, oldest first; none if unknown.

        A call for each version, and one more.
        """
        path = f"{_subject(subject)}/versions"
        try:
            numbers = self._rest.call("GET", path).numbers()
        except SchemaNotFoundError:
            return {}
        return {number: self._rest.call("GET", f"{path}/{number}").text("schema") for number in sorted(numbers)}

    def register(self, subject: str, schema_text: str) -> int:
        """Register an Avro schema and return its id; one that is registered keeps its id.

        Raises:
            SchemaRefusedError: it is no schema, or not compatible; ``what`` has the registry's reasons.
        """
        return self._rest.call("POST", f"{_subject(subject)}/versions", _posted(schema_text)).number("id")

    def lookup(self, subject: str, schema_text: str) -> int | None:
        """Return the id of a schema in a subject, or None when it is not there."""
        try:
            return self._rest.call("POST", _subject(subject), _posted(schema_text)).number("id")
        except SchemaNotFoundError:
            return None

    def compatibility(self, subject: str | None) -> Level | None:
        """Return the level set for a subject itself, or None when it has none; for None the level for all."""
        try:
            answer = self._rest.call("GET", _config(subject))
        except SchemaNotFoundError:
            if subject is None:
                raise
            return None
        # A subject may have other things set than its level.
        found = answer.text("compatibilityLevel") if subject is None else answer.text_if_any("compatibilityLevel")
        if found is None or found in set(Level):
            return None if found is None else Level(found)
        raise answer.strange("no compatibilityLevel that there is")

    def set_compatibility(self, subject: str | None, level: str) -> None:
        """Set the level of a subject, or for None the level for all.

        Raises:
            SchemaRefusedError: there is no such level.
        """
        self._rest.call("PUT", _config(subject), {"compatibility": level}).text("compatibility")

    def is_compatible(self, subject: str, schema_text: str) -> list[str]:
        """Return what speaks against registering a text, in the registry's words; nothing when it may be."""
        path = f"/compatibility{_subject(subject)}/versions?verbose=true"
        answer = self._rest.call("POST", path, _posted(schema_text))
        if answer.flag("is_compatible"):
            return []
        return answer.texts_if_any("messages") or ["the registry gives no reason"]

    def delete_version(self, subject: str, version: int) -> None:
        """Delete one version softly.

        Raises:
            SchemaNotFoundError: it is not there, or deleted already.
            SchemaRefusedError: another schema refers to it.
        """
        self._rest.call("DELETE", f"{_subject(subject)}/versions/{version}").whole_number()


def _subject(name: str) -> str:
    return f"/subjects/{quote(name, safe='')}"


def _config(subject: str | None) -> str:
    return "/config" if subject is None else f"/config/{quote(subject, safe='')}"


def _posted(text: str) -> dict[str, Any]:
    return {"schema": text, "schemaType": "AVRO"}
