"""A registry as schema migrations see it, by Confluent's client."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from weakref import finalize

from hangarstack.contracts.compatibility import Level
from hangarstack.errors import SchemaNotFoundError, SettingsError
from hangarstack.registry.address import registry_url, without_credentials
from hangarstack.registry.answer import Answer, strange
from hangarstack.registry.answers import error_of, unreachable
from hangarstack.registry.deadline import within
from hangarstack.settings import Settings

if TYPE_CHECKING:
    from confluent_kafka.schema_registry import SchemaRegistryClient
    from confluent_kafka.schema_registry.error import SchemaRegistryError


class RegistryAdmin:
    """A registry as schema migrations see it.

    Every method asks the registry anew. A call blocks for at most ``registry_timeout_s``, is tried once, and may raise
    RegistryUnavailableError or, when the credentials are refused or the answer is not what a registry gives,
    RegistryError.

    Args:
        settings: URL, credentials, CA file and time-out of the registry.

    Raises:
        SettingsError: URL, credentials or certificate authorities cannot be used.
    """

    def __init__(self, settings: Settings) -> None:
        self._url = without_credentials(registry_url(settings))
        self._settings = settings
        self._client = self._connected()

    def subjects(self) -> list[str]:
        """Return the subjects that are not deleted."""
        return self._ask("GET", "/subjects", lambda client: client.get_subjects()).texts()

    def versions(self, subject: str) -> dict[int, str]:
        """Return the schema texts of a subject's versions that are not deleted, oldest first; none if unknown.

        A call for each version, and one more.
        """
        path = f"{_subject(subject)}/versions"
        try:
            numbers = self._ask("GET", path, lambda client: client.get_versions(subject)).numbers()
        except SchemaNotFoundError:
            return {}
        return {number: self._version(subject, f"{path}/{number}", number) for number in sorted(numbers)}

    def register(self, subject: str, schema_text: str) -> int:
        """Register an Avro schema and return its id; one that is registered keeps its id.

        Raises:
            SchemaRefusedError: it is no schema, or not compatible; ``what`` has the registry's reasons.
        """
        schema = _schema(schema_text)
        path = f"{_subject(subject)}/versions"
        return self._ask("POST", path, lambda client: {"id": client.register_schema(subject, schema)}).number("id")

    def lookup(self, subject: str, schema_text: str) -> int | None:
        """Return the id of a schema in a subject, or None when it is not there."""
        schema = _schema(schema_text)
        try:
            answer = self._ask(
                "POST", _subject(subject), lambda client: {"id": client.lookup_schema(subject, schema).schema_id}
            )
        except SchemaNotFoundError:
            return None
        return answer.number("id")

    def compatibility(self, subject: str | None) -> Level | None:
        """Return the level set for a subject itself, or None when it has none; for None the level for all."""
        try:
            answer = self._ask(
                "GET", _config(subject), lambda client: {"level": client.get_config(subject).compatibility_level}
            )
        except SchemaNotFoundError:
            if subject is None:
                raise
            return None
        # A subject may have other things set than its level.
        found = answer.text("level") if subject is None else answer.text_if_any("level")
        if found is None or found in set(Level):
            return None if found is None else Level(found)
        raise answer.strange("no compatibilityLevel that there is")

    def set_compatibility(self, subject: str | None, level: str) -> None:
        """Set the level of a subject, or for None the level for all.

        Raises:
            SchemaRefusedError: there is no such level.
        """
        answer = self._ask("PUT", _config(subject), lambda client: client.set_compatibility(subject, level))
        answer.text("compatibility")

    def is_compatible(self, subject: str, schema_text: str) -> list[str]:
        """Return what speaks against registering a text, in the registry's words; nothing when it may be."""
        path = f"/compatibility{_subject(subject)}/versions?verbose=true"
        body = _schema(schema_text).to_dict()
        # The client's own method returns the verdict alone and drops the reasons.
        answer = self._ask("POST", path, lambda client: client._rest_client.post(path[1:], body=body))  # noqa: SLF001 - as above
        if answer.flag("is_compatible"):
            return []
        return answer.texts_if_any("messages") or ["the registry gives no reason"]

    def delete_version(self, subject: str, version: int) -> None:
        """Delete one version softly.

        Raises:
            SchemaNotFoundError: it is not there, or deleted already.
            SchemaRefusedError: another schema refers to it.
        """
        path = f"{_subject(subject)}/versions/{version}"
        self._ask("DELETE", path, lambda client: client.delete_version(subject, version)).whole_number()

    def _version(self, subject: str, path: str, number: int) -> str:
        return self._ask(
            "GET", path, lambda client: {"schema": client.get_version(subject, number).schema.schema_str}
        ).text("schema")

    def _ask(self, method: str, path: str, question: Callable[[SchemaRegistryClient], Any]) -> Answer:
        from confluent_kafka.schema_registry.common._httpx_compat import httpx
        from confluent_kafka.schema_registry.error import SchemaRegistryError

        where = f"{method} {self._url}{path}"
        # The client remembers what it saw; the registry is the only state.
        self._client.clear_caches()  # type: ignore[no-untyped-call]  # theirs
        try:
            # The client's own time-out begins anew with each part of an answer.
            client = self._client
            return Answer(within(self._settings.registry_timeout_s, lambda: question(client)), where)
        except SchemaRegistryError as error:
            raise error_of(error.http_status_code, _body(error), where=where) from error
        except httpx.HTTPError as error:
            raise unreachable(str(error) or type(error).__name__, where=where) from error
        except TimeoutError as error:
            # Its connection ends, and with it the call that nobody waits for any more.
            self._close()
            self._client = self._connected()
            raise unreachable(error, where=where) from error
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
            # The client takes any answer for a registry's and stumbles over what it expects of one.
            came = error.doc if isinstance(error, json.JSONDecodeError) else str(error)
            raise strange(came, "the client cannot read it", where=where) from error

    def _connected(self) -> SchemaRegistryClient:
        client = _connect(self._settings)
        self._close = finalize(self, client.close)
        return client


def _connect(settings: Settings) -> SchemaRegistryClient:
    # Importing it takes 180 ms and 22 MB, which a process that never calls this should not pay.
    from confluent_kafka.schema_registry import SchemaRegistryClient

    url = registry_url(settings)
    config: dict[str, Any] = {"url": url, "timeout": settings.registry_timeout_s, "max.retries": 0}
    if settings.registry_username:
        config["basic.auth.user.info"] = f"{settings.registry_username}:{settings.registry_password.reveal()}"
    if settings.registry_ca:
        config["ssl.ca.location"] = settings.registry_ca
    try:
        return SchemaRegistryClient(config)
    except (ValueError, TypeError, OSError) as error:
        raise SettingsError(
            f"the registry's settings cannot be used: {error}",
            where=without_credentials(url),
            remedy="Check HANGARSTACK_REGISTRY_URL, _USERNAME, _PASSWORD and _CA",
        ) from error


def _schema(text: str) -> Any:
    from confluent_kafka.schema_registry import Schema

    return Schema(text, "AVRO")


def _body(error: SchemaRegistryError) -> bytes:
    """Return the error that a registry sent, or what another server sent in its place."""
    if error.error_code == error.UNKNOWN or error.error_code is None:
        return str(error.error_message).encode()
    return json.dumps({"error_code": error.error_code, "message": error.error_message}).encode()


def _subject(name: str) -> str:
    return f"/subjects/{quote(name, safe='')}"


def _config(subject: str | None) -> str:
    return "/config" if subject is None else f"/config/{quote(subject, safe='')}"
