"""Many resources' associations in one request: each resource is answered by itself, with an error where it fails."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from typing import Any

from hangarstack.registry.embedded import (
    associating,
    association_records,
    association_requests,
    names,
    records,
    refusals,
)
from hangarstack.registry.embedded.association_records import Association, Filter
from hangarstack.registry.embedded.association_requests import Resource
from hangarstack.registry.embedded.names import LATEST
from hangarstack.registry.embedded.records import Version
from hangarstack.registry.embedded.refusals import RefusalError
from hangarstack.registry.embedded.store import part


def answered(each: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Return a resource's result, or why there is none."""
    try:
        return {"result": each()}
    except RefusalError as refusal:
        return {"error": {"error_code": refusal.code, "message": refusal.what}}


def get(db: sqlite3.Connection, request: Mapping[str, Any], *, with_schemas: bool) -> dict[str, Any]:
    """Return a resource and those of its associations that are asked for.

    Args:
        db: a connection inside a transaction.
        request: names the resource, by ``resourceId`` or by name and namespace.
        with_schemas: whether the latest schema of each subject is told too.

    Raises:
        RefusalError: 42212 the resource is not named, or a lifecycle is none.
    """
    asked = {name: association_requests.text(request, name) for name in ("resourceName", "resourceNamespace")}
    resource_id = association_requests.text(request, "resourceId")
    wanted = Filter(
        association_requests.resource_type(association_requests.text(request, "resourceType")),
        association_requests.texts(request, "associationTypes"),
        association_requests.lifecycle(association_requests.text(request, "lifecycle")),
    )
    if not resource_id:
        if not all(asked.values()):
            raise refusals.invalid_association("resourceId", "or resourceName and resourceNamespace must be given")
        namesakes = association_records.named(db, asked["resourceNamespace"], asked["resourceName"])
        resource_id = association_records.latest_id(namesakes)
    held = association_records.of_resource(db, wanted.resource_type, resource_id)
    resource = held[0].resource if held else _unknown(asked, resource_id, wanted.resource_type)
    found = [each for each in held if wanted.takes(each)]
    return _result(resource, found, {each.type: _latest(db, each) for each in found} if with_schemas else {})


def mutate(db: sqlite3.Connection, request: Mapping[str, Any], *, context: str, dry_run: bool) -> dict[str, Any]:
    """Do all that is asked for one resource, or nothing of it, and return the resource as it is then.

    Args:
        db: a connection inside a write transaction.
        request: names the resource, and what to do: ``CREATE``, ``UPSERT`` or ``DELETE`` an association each.
        context: of subjects that are not qualified.
        dry_run: whether nothing is kept.

    Raises:
        RefusalError: the first refusal of any of it.
    """
    with part(db, keep=not dry_run):
        given = association_requests.resource(request, dry_run=dry_run)
        resource = associating.located(db, given)
        versions: dict[str, Version | None] = {}
        for operation in association_requests.objects(request, "associations"):
            kind = association_requests.association_type(operation)
            versions[kind] = _apply(db, resource, operation, context=context)
        held = association_records.of_resource(db, resource.type, resource.id)
    return given.answer() if dry_run else _result(given, held, versions)


def _apply(db: sqlite3.Connection, resource: Resource, operation: Mapping[str, Any], *, context: str) -> Version | None:
    match association_requests.text(operation, "opType"):
        case "CREATE" | "UPSERT" as how:
            wanted = association_requests.wanted(operation, context=context)
            return associating.associate(db, resource, wanted, may_update=how == "UPSERT").version
        case "DELETE":
            kind = association_requests.association_type(operation)
            cascade = operation.get("cascadeLifecycle") is True
            associating.dissociate_all(db, resource.id, Filter(resource.type, (kind,)), cascade=cascade)
            return None
    raise refusals.invalid_association("opType", "must be CREATE, UPSERT or DELETE")


def _result(resource: Resource, found: list[Association], versions: Mapping[str, Version | None]) -> dict[str, Any]:
    infos = [associating.Kept(each, versions.get(each.type)).answer() for each in found]
    return resource.answer() | ({"associations": infos} if infos else {})


def _unknown(asked: Mapping[str, str], resource_id: str, resource_type: str) -> Resource:
    return Resource(
        name=asked["resourceName"], namespace=asked["resourceNamespace"], id=resource_id, type=resource_type
    )


def _latest(db: sqlite3.Connection, each: Association) -> Version | None:
    return records.version(db, names.subject(each.subject), LATEST)
