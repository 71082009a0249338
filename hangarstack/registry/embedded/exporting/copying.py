"""Doing at the destination what was done here.

Copies keep ids and versions, which a registry takes in mode IMPORT alone. So each context of the copies is put into
that mode first, or each subject where they go into the default context, which others may use too. Schema Linking puts
its copies into that mode as well: https://docs.confluent.io/operator/current/co-link-schemas.html
"""

from __future__ import annotations

import contextlib
from typing import Any, Final
from urllib.parse import quote

from hangarstack.errors import RegistryError, SchemaNotFoundError
from hangarstack.registry.embedded import names
from hangarstack.registry.embedded.exporting.changes import Action, Configure, Copy, Remove
from hangarstack.registry.embedded.exporting.naming import Naming
from hangarstack.registry.embedded.names import DEFAULT_CONTEXT, Subject
from hangarstack.registry.embedded.records import Version
from hangarstack.registry.embedded.scopes import Config
from hangarstack.registry.rest import RestClient

_LEFT_OUT: Final = frozenset({"alias", "normalize"})
"""At the destination they would make other things of the copies that come after."""


class Copier:
    """Does what was done here again at a destination; each method may be called again for the same.

    Args:
        client: calls the destination.
        naming: what things are called there.
    """

    def __init__(self, client: RestClient, naming: Naming) -> None:
        self._client = client
        self._naming = naming
        self._importing: set[str] = set()

    def do(self, action: Action) -> None:
        """Do one thing at the destination. Blocks for as long as its calls do.

        Raises:
            RegistryUnavailableError: the destination is away.
            RegistryError: it refuses, or answers what no registry does.
        """
        try:
            match action:
                case Copy():
                    self._copy(action)
                case Remove():
                    self._remove(self._naming.subject(action.subject), action)
                case Configure():
                    self._configure(self._naming.subject(action.subject), action.config)
        except RegistryError:
            # Its mode may be another one by now.
            self._importing.clear()
            raise

    def _copy(self, copy: Copy) -> None:
        target, version = self._target(copy.version), copy.version
        if version.deleted:
            if self._id(target, version.version, deleted=False) == version.id:
                self._delete(target, version.version)
                return
            # What nobody can read any more, here neither, is not copied.
            if not copy.is_whole or self._id(target, version.version, deleted=True) == version.id:
                return
        for each in copy.referenced:
            referenced = self._target(each)
            if self._id(referenced, each.version, deleted=True) != each.id:
                self._register(referenced, each)
        self._register(target, version)
        if version.deleted:
            self._delete(target, version.version)

    def _register(self, target: Subject, version: Version) -> None:
        self._start_import(target)
        parent = names.subject(version.subject)
        body: dict[str, Any] = {
            "schemaType": "AVRO",
            "schema": version.text,
            "references": [self._naming.reference(parent, each).answer() for each in version.references],
            "version": version.version,
            "id": version.id,
        }
        if version.metadata is not None:
            body["metadata"] = version.metadata
        if version.rule_set is not None:
            body["ruleSet"] = version.rule_set
        answer = self._client.call("POST", f"/subjects/{_quoted(target)}/versions", body)
        if answer.number("id") != version.id:
            raise answer.strange(f"an id that is not {version.id}, under which it was sent")

    def _remove(self, target: Subject, remove: Remove) -> None:
        # What is not in that mode no exporter put there.
        if self._mode(target) == "IMPORT":
            self._delete(target, remove.version)
            self._delete(target, remove.version, "?permanent=true")
            self._importing.discard(str(_scope(target)))
        # The last version takes the subject's mode and configuration with it. One that was put off does so after what
        # was set later has been copied; and when this was begun before, it is done already.
        if remove.config:
            self._configure(target, remove.config)

    def _configure(self, target: Subject, config: Config | None) -> None:
        if not target.name and target.context == DEFAULT_CONTEXT:
            # It holds for others' subjects, too.
            return
        wanted = {key: value for key, value in (config or {}).items() if key not in _LEFT_OUT}
        path = f"/config/{_quoted(target)}"
        if wanted:
            self._start_import(target)
        elif self._mode(target) != "IMPORT":
            return
        with contextlib.suppress(SchemaNotFoundError):
            self._client.call("DELETE", path)
        if wanted:
            self._client.call("PUT", path, _as_request(wanted))

    def _delete(self, target: Subject, number: int, query: str = "") -> None:
        # It may have been done before, or never been needed.
        with contextlib.suppress(SchemaNotFoundError):
            self._client.call("DELETE", f"{_version(target, number)}{query}")

    def _id(self, target: Subject, number: int, *, deleted: bool) -> int | None:
        query = "?deleted=true" if deleted else ""
        try:
            answer = self._client.call("GET", f"{_version(target, number)}{query}")
        except SchemaNotFoundError:
            return None
        # A registry answers with the namesake in another context where the default one has none.
        return answer.number("id") if answer.text("subject") == str(target) else None

    def _start_import(self, target: Subject) -> None:
        """Put the target's context, or the target in the default one, into mode IMPORT; refused where schemas are."""
        scope = _scope(target)
        if str(scope) in self._importing:
            return
        # One that is closed stays so: what is sent to it then is refused.
        if self._mode(target) == "READWRITE":
            self._client.call("PUT", f"/mode/{_quoted(scope)}", {"mode": "IMPORT"})
        self._importing.add(str(scope))

    def _mode(self, target: Subject) -> str:
        return self._client.call("GET", f"/mode/{_quoted(_scope(target))}?defaultToGlobal=true").text("mode")

    def _target(self, version: Version) -> Subject:
        return self._naming.subject(names.subject(version.subject))


def _scope(target: Subject) -> Subject:
    """Return whose mode tells of a subject: its context's, in the default one its own."""
    return target if target.context == DEFAULT_CONTEXT else Subject(context=target.context, name="")


def _as_request(config: Config) -> dict[str, Any]:
    return {("compatibility" if key == "compatibilityLevel" else key): value for key, value in config.items()}


def _quoted(subject: Subject) -> str:
    return quote(str(subject), safe="")


def _version(subject: Subject, number: int) -> str:
    return f"/subjects/{_quoted(subject)}/versions/{number}"
