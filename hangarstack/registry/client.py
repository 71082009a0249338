"""Confluent's registry client as the settings say, and the registry as schema migrations see it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from hangarstack.errors import SchemaNotFoundError, SettingsError
from hangarstack.registry.address import registry_url, without_credentials
from hangarstack.registry.answers import error_of, unreachable
from hangarstack.settings import Settings

if TYPE_CHECKING:
    from confluent_kafka.schema_registry import SchemaRegistryClient


def connect(settings: Settings) -> SchemaRegistryClient:
    """Return a client of the registry that the settings name; does not connect yet.

    Every call blocks for at most ``registry_timeout_s`` a step (connect, send, receive) and is tried once: whoever
    calls decides whether to try again.

    Raises:
        SettingsError: URL, credentials or certificate authorities cannot be used.
    """
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


class RegistryAdmin:
    """A registry as schema migrations see it.

    Every method blocks for at most the client's time-out, asks the registry anew, and may raise
    RegistryUnavailableError or, when the credentials are refused, RegistryError.

    Args:
        client: as ``connect`` makes it.
    """

    def __init__(self, client: SchemaRegistryClient) -> None:
        self._client = client
        self._url = without_credentials(str(client.config()["url"]))  # type: ignore[no-untyped-call]  # theirs

    def subjects(self) -> list[str]:
        """Return the subjects that are not deleted."""
        with self._calling("/subjects"):
            found: list[str] = self._client.get_subjects()
        return found

    def versions(self, subject: str) -> dict[int, str]:
        """Return the schema texts of a subject's versions that are not deleted, oldest first; none if unknown."""
        path = f"/subjects/{subject}/versions"
        try:
            with self._calling(path):
                numbers: list[int] = self._client.get_versions(subject)
        except SchemaNotFoundError:
            return {}
        texts: dict[int, str] = {}
        for number in sorted(numbers):
            with self._calling(f"{path}/{number}"):
                texts[number] = self._client.get_version(subject, number).schema.schema_str or ""
        return texts

    def register(self, subject: str, schema_text: str) -> int:
        """Register an Avro schema and return its id; one that is registered keeps its id.

        Raises:
            SchemaRefusedError: it is no schema, or not compatible; ``what`` has the registry's reasons.
        """
        with self._calling(f"/subjects/{subject}/versions"):
            found: int = self._client.register_schema(subject, _schema(schema_text))
        return found

    def lookup(self, subject: str, schema_text: str) -> int | None:
        """Return the id of a schema in a subject, or None when it is not there."""
        try:
            with self._calling(f"/subjects/{subject}"):
                return self._client.lookup_schema(subject, _schema(schema_text)).schema_id
        except SchemaNotFoundError:
            return None

    def compatibility(self, subject: str | None) -> str | None:
        """Return the level set for a subject itself, or None when it has none; for None the level for all."""
        from confluent_kafka.schema_registry.error import SchemaRegistryError

        with self._calling(f"/config/{subject or ''}"):
            try:
                found: str = self._client.get_compatibility(subject)
            except SchemaRegistryError as error:
                if subject is not None and error.http_status_code == 404:
                    return None
                raise
        return found

    def set_compatibility(self, subject: str | None, level: str) -> None:
        """Set the level of a subject, or for None the level for all.

        Raises:
            SchemaRefusedError: there is no such level.
        """
        with self._calling(f"/config/{subject or ''}"):
            self._client.set_compatibility(subject, level)

    def is_compatible(self, subject: str, schema_text: str) -> list[str]:
        """Return what speaks against registering a text, in the registry's words; nothing when it may be."""
        path = f"compatibility/subjects/{quote(subject, safe='')}/versions"
        with self._calling(f"/{path}"):
            # The client's own method returns the verdict alone and drops the reasons.
            answer = self._client._rest_client.post(  # noqa: SLF001 - see above
                f"{path}?verbose=true", body=_schema(schema_text).to_dict()
            )
        messages = answer.get("messages") or []
        return [] if answer["is_compatible"] else [str(each) for each in messages] or ["the registry gives no reason"]

    def delete_version(self, subject: str, version: int) -> None:
        """Delete one version softly.

        Raises:
            SchemaNotFoundError: it is not there, or deleted already.
            SchemaRefusedError: another schema refers to it.
        """
        with self._calling(f"/subjects/{subject}/versions/{version}"):
            self._client.delete_version(subject, version)

    @contextmanager
    def _calling(self, path: str) -> Iterator[None]:
        from confluent_kafka.schema_registry.common._httpx_compat import httpx
        from confluent_kafka.schema_registry.error import SchemaRegistryError

        where = f"{self._url}{path}"
        # The client remembers what it saw; the registry is the only state.
        self._client.clear_caches()  # type: ignore[no-untyped-call]  # theirs
        try:
            yield
        except SchemaRegistryError as error:
            raise error_of(error.http_status_code, str(error.error_message), where=where) from error
        except httpx.HTTPError as error:
            raise unreachable(str(error) or type(error).__name__, where=where) from error


def _schema(text: str) -> Any:
    from confluent_kafka.schema_registry import Schema

    return Schema(text, "AVRO")
