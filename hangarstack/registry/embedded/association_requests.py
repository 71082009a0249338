"""What a request says of associations: the resource, and for each association what is wanted."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from hangarstack.registry.embedded import documents, names, refusals
from hangarstack.registry.embedded.documents import Posted
from hangarstack.registry.embedded.names import Subject

TOPIC: Final = "topic"
STRONG: Final = "STRONG"
WEAK: Final = "WEAK"

_TYPES: Final = ("key", "value")
_LONGEST_NAME: Final = 256
# Confluent's own check knows no dot, which most topics' names have.
_NAME: Final = re.compile(r"[\w.-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """What subjects are associated with.

    Args:
        name: of a topic.
        namespace: the id of its Kafka cluster.
        id: names it among those that had that name before; empty only where nothing is kept.
        type: ``topic``.
    """

    name: str
    namespace: str
    id: str
    type: str

    def own_subject(self, kind: str) -> Subject:
        """Return the subject that is named after the resource, in a context named after its namespace."""
        return Subject(context=f".{self.namespace}", name=f"{self.name}-{kind}")

    def answer(self) -> dict[str, Any]:
        """Return its JSON."""
        known = {"resourceId": self.id} if self.id else {}
        return {
            "resourceName": self.name,
            "resourceNamespace": self.namespace,
            **known,
            "resourceType": self.type,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One association that a request asks for; None stands for what it leaves open.

    Args:
        type: ``key`` or ``value``.
        subject: whose.
        lifecycle: ``STRONG`` or ``WEAK``.
        frozen: whether it is to stay as it is.
        schema: to be registered under the subject.
        normalize: whether to normalise that first.
    """

    type: str
    subject: Subject | None
    lifecycle: str | None
    frozen: bool | None
    schema: Posted | None
    normalize: bool


def resource(body: Mapping[str, Any], *, dry_run: bool) -> Resource:
    """Read the resource of a request.

    Args:
        body: of the request.
        dry_run: whether the id may be missing: Kafka gives it when it makes the topic.

    Raises:
        RefusalError: 42212 a name, namespace, id or type that is none.
    """
    found = Resource(
        name=_name(body, "resourceName"),
        namespace=_name(body, "resourceNamespace"),
        id=text(body, "resourceId"),
        type=resource_type(text(body, "resourceType")),
    )
    if not found.id and not dry_run:
        raise refusals.invalid_association("resourceId", "cannot be null or empty")
    return found


def resource_type(value: str) -> str:
    """Return the type of resource that a text means; empty means a topic.

    Raises:
        RefusalError: 42212 another type.
    """
    if value not in {"", TOPIC}:
        raise refusals.invalid_association("resourceType", f"must be '{TOPIC}'")
    return TOPIC


def all_wanted(body: Mapping[str, Any], *, context: str) -> list[Wanted]:
    """Read the associations of a request.

    Args:
        body: of the request.
        context: of subjects that are not qualified.

    Raises:
        RefusalError: 42212 none, a type twice, or what ``wanted`` refuses.
    """
    found = [wanted(each, context=context) for each in objects(body, "associations")]
    kinds = [each.type for each in found]
    if len(set(kinds)) < len(kinds):
        raise refusals.invalid_association("associationType", "must not stand twice")
    return found


def wanted(body: Mapping[str, Any], *, context: str) -> Wanted:
    """Read one association.

    Raises:
        RefusalError: 42212 a subject, type or lifecycle that is none, or a frozen one that is weak; 422 it is not of
            the documented form.
    """
    frozen = body.get("frozen")
    schema = body.get("schema")
    if frozen is not None and not isinstance(frozen, bool):
        raise refusals.plain(422, "frozen must be true or false")
    if schema is not None and not isinstance(schema, dict):
        raise refusals.plain(422, "schema must be an object")
    found = Wanted(
        type=association_type(body),
        subject=_subject(body, context),
        lifecycle=lifecycle(text(body, "lifecycle")) or None,
        frozen=frozen,
        schema=None if schema is None else documents.posted(schema),
        normalize=body.get("normalize") is True,
    )
    if found.lifecycle == WEAK and found.frozen:
        raise refusals.invalid_association("frozen", "association with lifecycle of WEAK cannot be frozen")
    return found


def association_type(body: Mapping[str, Any]) -> str:
    """Return the type of association that a request names; none means the values.

    Raises:
        RefusalError: 42212 another type.
    """
    kind = text(body, "associationType") or "value"
    if kind not in _TYPES:
        raise refusals.invalid_association("associationType", "must be either 'key' or 'value'")
    return kind


def lifecycle(value: str) -> str:
    """Return a lifecycle that is one, or the empty text.

    Raises:
        RefusalError: 42212 another.
    """
    if value not in {"", STRONG, WEAK}:
        raise refusals.invalid_association("lifecycle", f"must be either {STRONG} or {WEAK}")
    return value


def objects(body: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """Return a list of objects that a request must hold.

    Raises:
        RefusalError: 42212 it is missing or empty; 422 something else.
    """
    value = body.get(name)
    if value is None or value == []:
        raise refusals.invalid_association(name, "cannot be null or empty")
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise refusals.plain(422, f"{name} must be an array of objects")
    return value


def texts(body: Mapping[str, Any], name: str) -> list[str]:
    """Return a list of texts of a request, empty when it is missing.

    Raises:
        RefusalError: 422 something else.
    """
    value = body.get(name)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise refusals.plain(422, f"{name} must be an array of texts")
    return value


def text(body: Mapping[str, Any], name: str) -> str:
    """Return a text of a request, empty when it is missing.

    Raises:
        RefusalError: 422 something else.
    """
    value = body.get(name)
    if value is not None and not isinstance(value, str):
        raise refusals.plain(422, f"{name} must be text")
    return value or ""


def _name(body: Mapping[str, Any], name: str) -> str:
    value = text(body, name)
    if not value:
        raise refusals.invalid_association(name, "cannot be null or empty")
    if len(value) > _LONGEST_NAME:
        raise refusals.invalid_association(name, f"exceeds max length of {_LONGEST_NAME}")
    if not _NAME.fullmatch(value):
        raise refusals.invalid_association(name, "may hold letters, digits, '.', '_' and '-'")
    return value


def _subject(body: Mapping[str, Any], context: str) -> Subject | None:
    if body.get("subject") is None:
        return None
    given = names.subject(text(body, "subject"))
    if not given.name:
        raise refusals.invalid_association("subject", "must not be empty")
    is_qualified = given.context != names.DEFAULT_CONTEXT
    return given if is_qualified else Subject(context=context, name=given.name)
