"""Schema ids: what a producer writes before each event, and what a consumer finds there."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Final, NamedTuple, TypeVar
from urllib.parse import quote

from hangarstack.errors import DecodeError, RegistryUnavailableError
from hangarstack.registry.address import registry_url, without_credentials
from hangarstack.registry.memo import Memo
from hangarstack.registry.rest import RestClient
from hangarstack.settings import Settings

T = TypeVar("T")

_AWAY_S: Final = 10.0
_log = logging.getLogger(__name__)


class LatestSchema(NamedTuple):
    """The newest version of a subject."""

    schema_id: int
    version: int
    text: str


class SchemaIds:
    """Ids and schemas of one registry.

    Each is asked for once in a process. What was answered is kept under ``HOME/cache`` too, and taken from there only
    while the registry is away: a registry that was made anew gives other ids, which a blind cache would never notice.
    Thread-safe.

    Args:
        settings: URL, credentials and time-out of the registry; ``home``.

    Raises:
        SettingsError: the URL is not http or https.
    """

    def __init__(self, settings: Settings) -> None:
        self._rest = RestClient(settings)
        self._url = without_credentials(registry_url(settings))
        self._memo = Memo(settings.home / "cache", self._url)
        self._ids: dict[tuple[str, str], int] = {}
        self._texts: dict[int, str] = {}
        self._away_until = 0.0

    def check(self) -> None:
        """Look whether the registry could be asked, without asking it; for processes that had better not begin else.

        Raises:
            SettingsError: the CA file cannot be read.
        """
        self._rest.check()

    def id_of(self, subject: str, schema_text: str) -> int:
        """Return the id of a registered schema.

        Blocks for at most ``registry_timeout_s``, once; never registers and never retries.

        Raises:
            SchemaNotFoundError: the subject has no such schema.
            RegistryUnavailableError: the registry cannot be asked, and was never asked before.
            RegistryError: it refuses us, or its answer is not what a registry gives.
        """
        known = self._ids.get((subject, schema_text))
        if known is not None:
            return known
        found = self._asked_or_kept(
            lambda: self._ask_id(subject, schema_text), lambda: self._memo.id_of(subject, schema_text)
        )
        self._ids[subject, schema_text] = found
        return found

    def schema_of(self, schema_id: int) -> str:
        """Return the text of a schema, with the types that it refers to written out.

        Blocks for at most ``registry_timeout_s``, once; never retries.

        Raises:
            SchemaNotFoundError: there is no such id.
            RegistryUnavailableError: the registry cannot be asked, and was never asked before.
            DecodeError: the schema is not Avro.
            RegistryError: the registry refuses us, or its answer is not what one gives.
        """
        known = self._texts.get(schema_id)
        if known is not None:
            return known
        found = self._asked_or_kept(lambda: self._ask_schema(schema_id), lambda: self._memo.schema_of(schema_id))
        self._texts[schema_id] = found
        return found

    def latest(self, subject: str) -> LatestSchema:
        """Return the newest version of a subject, asked anew each time.

        Blocks for at most ``registry_timeout_s``; never retries.

        Raises:
            SchemaNotFoundError: there is no such subject.
            RegistryUnavailableError: the registry does not answer.
            RegistryError: it refuses us, or its answer is not what a registry gives.
        """
        answer = self._rest.call("GET", f"/subjects/{quote(subject, safe='')}/versions/latest")
        return LatestSchema(answer.number("id"), answer.number("version"), answer.text("schema"))

    def _asked_or_kept(self, ask: Callable[[], T], kept: Callable[[], T | None]) -> T:
        if time.monotonic() < self._away_until:
            # Asked a moment ago and not answered: a process that starts must not wait once for each schema.
            found = kept()
            if found is not None:
                return found
        try:
            return ask()
        except RegistryUnavailableError as error:
            self._away_until = time.monotonic() + _AWAY_S
            found = kept()
            if found is None:
                raise
            _log.warning("%s; going on with what it answered before", error)
            return found

    def _ask_id(self, subject: str, schema_text: str) -> int:
        body = {"schema": schema_text, "schemaType": "AVRO"}
        schema_id = self._rest.call("POST", f"/subjects/{quote(subject, safe='')}", body).number("id")
        self._memo.keep_id(subject, schema_text, schema_id)
        return schema_id

    def _ask_schema(self, schema_id: int) -> str:
        answer = self._rest.call("GET", f"/schemas/ids/{schema_id}?format=resolved")
        text, kind = answer.text("schema"), answer.text_if_any("schemaType") or "AVRO"
        if kind != "AVRO":
            raise DecodeError(f"the schema is {kind}, not Avro", where=f"{self._url}: schema {schema_id}")
        self._memo.keep_schema(schema_id, text)
        return text
