"""Which handler answers which path.

Paths are split before they are unquoted, because a subject's name may hold a slash (``%2F``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias
from urllib.parse import parse_qs, unquote

from hangarstack.registry.embedded import associations, names, refusals, schemas, scoped, server_facts, subjects
from hangarstack.registry.embedded.calls import Call
from hangarstack.registry.embedded.exporting import handlers as exporters
from hangarstack.registry.embedded.keys import dek_handlers, kek_handlers

Handler: TypeAlias = Callable[[Call], Any]

ROUTES: Final[Mapping[str, Mapping[str, Handler]]] = {
    "/": {"GET": server_facts.root, "POST": server_facts.root},
    "/subjects": {"GET": subjects.list_all},
    "/subjects/*": {"POST": subjects.look_up, "DELETE": subjects.delete},
    "/subjects/*/metadata": {"GET": subjects.latest_with_metadata},
    "/subjects/*/versions": {"GET": subjects.list_versions, "POST": subjects.register},
    "/subjects/*/versions/*": {"GET": subjects.get_version, "DELETE": subjects.delete_version},
    "/subjects/*/versions/*/schema": {"GET": subjects.get_schema},
    "/subjects/*/versions/*/referencedby": {"GET": subjects.referenced_by},
    "/subjects/*/versions/*/tags": {"POST": subjects.modify_tags},
    "/schemas": {"GET": schemas.list_all},
    "/schemas/types": {"GET": schemas.types},
    "/schemas/ids/*": {"GET": schemas.by_id},
    "/schemas/ids/*/schema": {"GET": schemas.text_by_id},
    "/schemas/ids/*/subjects": {"GET": schemas.subjects_by_id},
    "/schemas/ids/*/versions": {"GET": schemas.versions_by_id},
    "/schemas/guids/*": {"GET": schemas.by_guid},
    "/schemas/guids/*/ids": {"GET": schemas.ids_by_guid},
    "/compatibility/subjects/*/versions": {"POST": schemas.test_all},
    "/compatibility/subjects/*/versions/*": {"POST": schemas.test_one},
    "/config": {"GET": scoped.get_config, "PUT": scoped.put_config, "DELETE": scoped.delete_config},
    "/config/*": {"GET": scoped.get_config, "PUT": scoped.put_config, "DELETE": scoped.delete_config},
    "/mode": {"GET": scoped.get_mode, "PUT": scoped.put_mode, "DELETE": scoped.delete_mode},
    "/mode/*": {"GET": scoped.get_mode, "PUT": scoped.put_mode, "DELETE": scoped.delete_mode},
    "/contexts": {"GET": schemas.contexts},
    "/contexts/*": {"DELETE": schemas.delete_context},
    "/associations": {"POST": associations.create},
    "/associations/subjects/*": {"GET": associations.of_subject},
    "/associations/resources/*": {
        "GET": associations.of_resource,
        "PUT": associations.create_or_update,
        "DELETE": associations.delete,
    },
    "/associations/resources/*/*": {"GET": associations.of_name},
    "/associations:batchGet": {"POST": associations.get_many},
    "/associations:batchMutate": {"POST": associations.mutate_many},
    "/dek-registry/v1/keks": {"GET": kek_handlers.list_all, "POST": kek_handlers.create},
    "/dek-registry/v1/keks/*": {"GET": kek_handlers.get, "PUT": kek_handlers.change, "DELETE": kek_handlers.delete},
    "/dek-registry/v1/keks/*/undelete": {"POST": kek_handlers.undelete},
    "/dek-registry/v1/keks/*/test": {"POST": kek_handlers.test},
    "/dek-registry/v1/keks/*/deks": {"GET": dek_handlers.list_subjects, "POST": dek_handlers.create},
    "/dek-registry/v1/keks/*/deks/*": {
        "GET": dek_handlers.get,
        "POST": dek_handlers.create_of_subject,
        "DELETE": dek_handlers.delete,
    },
    "/dek-registry/v1/keks/*/deks/*/undelete": {"POST": dek_handlers.undelete},
    "/dek-registry/v1/keks/*/deks/*/versions": {"GET": dek_handlers.list_versions},
    "/dek-registry/v1/keks/*/deks/*/versions/*": {
        "GET": dek_handlers.get_version,
        "DELETE": dek_handlers.delete_version,
    },
    "/dek-registry/v1/keks/*/deks/*/versions/*/undelete": {"POST": dek_handlers.undelete_version},
    "/exporters": {"GET": exporters.list_all, "POST": exporters.create},
    "/exporters/*": {"GET": exporters.get, "PUT": exporters.update, "DELETE": exporters.delete},
    "/exporters/*/status": {"GET": exporters.get_status},
    "/exporters/*/config": {"GET": exporters.get_config, "PUT": exporters.update_config},
    "/exporters/*/pause": {"PUT": exporters.pause},
    "/exporters/*/resume": {"PUT": exporters.resume},
    "/exporters/*/reset": {"PUT": exporters.reset},
    "/v1/metadata/id": {"GET": server_facts.cluster},
    "/v1/metadata/version": {"GET": server_facts.version},
}
_MOST_PARAMETERS: Final = 100
_PATTERNS: Final = tuple((tuple(path.split("/")[1:]), methods) for path, methods in ROUTES.items())


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A handler and what its path and query say."""

    handler: Handler
    path: Sequence[str]
    query: Mapping[str, Sequence[str]]


def match(method: str, raw_path: bytes, raw_query: bytes) -> Match:
    """Return what answers a request.

    Args:
        method: of HTTP; HEAD counts as GET.
        raw_path: still quoted.
        raw_query: still quoted.

    Raises:
        RefusalError: 404 no such path; 405 not by that method; 400 a context's name with a colon.
    """
    segments = [unquote(part) for part in raw_path.decode("latin-1").split("/")[1:]]
    if len(segments) > 1 and not segments[-1]:
        segments.pop()
    query = _query(raw_query)
    if segments[0] == "contexts" and len(segments) > 2:
        segments, query = _in_context(segments[1], segments[2:], query)
    for pattern, methods in _PATTERNS:
        found = _variables(pattern, segments)
        if found is None:
            continue
        handler = methods.get("GET" if method == "HEAD" else method)
        if handler is None:
            raise refusals.plain(405, "HTTP 405 Method Not Allowed")
        return Match(handler=handler, path=found, query=query)
    raise refusals.plain(404, "HTTP 404 Not Found")


def _query(raw: bytes) -> dict[str, list[str]]:
    try:
        return parse_qs(raw.decode("latin-1"), keep_blank_values=True, max_num_fields=_MOST_PARAMETERS)
    except ValueError as error:
        raise refusals.plain(400, f"More than {_MOST_PARAMETERS} query parameters") from error


def _variables(pattern: Sequence[str], segments: Sequence[str]) -> list[str] | None:
    if len(pattern) != len(segments):
        return None
    if any(want not in {"*", have} for want, have in zip(pattern, segments, strict=True)):
        return None
    return [have for want, have in zip(pattern, segments, strict=True) if want == "*"]


def _in_context(context: str, rest: list[str], query: dict[str, list[str]]) -> tuple[list[str], dict[str, list[str]]]:
    """Return the path and query that mean the same without ``/contexts/C`` before them."""
    scope = names.context_scope(context)
    at = 2 if rest[0] == "compatibility" or rest[:2] == ["associations", "subjects"] else 1
    if rest[0] in {"config", "mode"} and len(rest) == 1:
        return [*rest, scope or ":.:"], query
    if rest[0].startswith("associations") and at == 1:
        return rest, {**query, "context": [context]}
    if rest[0] in {"subjects", "compatibility", "associations", "config", "mode"} and len(rest) > at:
        return [*rest[:at], _qualified(scope, rest[at]), *rest[at + 1 :]], query
    if rest[0] == "dek-registry":
        return _keys_in_context(scope, rest, query)
    name = "subject" if rest[:2] == ["schemas", "ids"] else "subjectPrefix"
    return rest, {**query, name: [_qualified(scope, query.get(name, [""])[0])]}


def _keys_in_context(
    scope: str, rest: list[str], query: dict[str, list[str]]
) -> tuple[list[str], dict[str, list[str]]]:
    """Qualify the subjects of keys; a KEK belongs to no context (Confluent's ``ContextFilter``, pull request 2959)."""
    subjects = [_qualified(scope, each) for each in rest[5:6]]
    prefixes = [_qualified(scope, each) for each in query.get("subjectPrefix", ())]
    return [*rest[:5], *subjects, *rest[6:]], {**query, "subjectPrefix": prefixes}


def _qualified(scope: str, name: str) -> str:
    return name if name.startswith((":.", names.EVERY_CONTEXT)) else f"{scope}{name}"
