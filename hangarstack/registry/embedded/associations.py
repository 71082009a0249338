"""Handlers of ``/associations``."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from hangarstack.registry.embedded import (
    associating,
    association_batches,
    association_records,
    association_requests,
    names,
    refusals,
)
from hangarstack.registry.embedded.association_records import Filter
from hangarstack.registry.embedded.association_requests import TOPIC
from hangarstack.registry.embedded.calls import Call
from hangarstack.registry.embedded.store import part

_MOST: Final = 1000


def of_subject(call: Call) -> list[dict[str, Any]]:
    """GET /associations/subjects/S."""
    wanted = _filter(call)
    with call.store.read() as db:
        found = association_records.of_subject(db, call.subject())
    return call.page([each.answer() for each in found if wanted.takes(each)], _MOST)


def of_resource(call: Call) -> list[dict[str, Any]]:
    """GET /associations/resources/R, by id."""
    wanted = _filter(call)
    with call.store.read() as db:
        found = association_records.of_resource(db, wanted.resource_type, call.path[0])
    return call.page([each.answer() for each in found if wanted.takes(each)], _MOST)


def of_name(call: Call) -> list[dict[str, Any]]:
    """GET /associations/resources/N/R, by namespace and name, ``-`` for any."""
    wanted = _filter(call)
    namespace, name = call.path
    with call.store.read() as db:
        found = association_records.named(db, namespace, name)
    return call.page([each.answer() for each in found if wanted.takes(each)], _MOST)


def create(call: Call) -> dict[str, Any]:
    """POST /associations."""
    return _associated(call, call.json(), may_update=False)


def create_or_update(call: Call) -> dict[str, Any]:
    """PUT /associations/resources/R."""
    body = call.json()
    if body.get("resourceId") not in (None, call.path[0]):
        raise refusals.invalid_association("resourceId", "is another in the path than in the request")
    return _associated(call, {**body, "resourceId": call.path[0]}, may_update=True)


def delete(call: Call) -> None:
    """DELETE /associations/resources/R."""
    wanted = Filter(call.text("resourceType") or TOPIC, call.query.get("associationType", ()))
    with call.store.write() as db, part(db, keep=not call.flag("dryRun")):
        associating.dissociate_all(db, call.path[0], wanted, cascade=call.flag("cascadeLifecycle"))


def get_many(call: Call) -> dict[str, Any]:
    """POST /associations:batchGet."""
    requests = association_requests.objects(call.json(), "requests")
    with_schemas = call.flag("includeSchemas")
    with call.store.read() as db:
        look = partial(association_batches.get, db, with_schemas=with_schemas)
        return {"results": [association_batches.answered(partial(look, each)) for each in requests]}


def mutate_many(call: Call) -> dict[str, Any]:
    """POST /associations:batchMutate."""
    requests = association_requests.objects(call.json(), "requests")
    context, dry_run = _context(call), call.flag("dryRun")
    with call.store.write() as db:
        mutate = partial(association_batches.mutate, db, context=context, dry_run=dry_run)
        return {"results": [association_batches.answered(partial(mutate, each)) for each in requests]}


def _associated(call: Call, body: dict[str, Any], *, may_update: bool) -> dict[str, Any]:
    dry_run = call.flag("dryRun")
    resource = association_requests.resource(body, dry_run=dry_run)
    all_wanted = association_requests.all_wanted(body, context=_context(call))
    with call.store.write() as db, part(db, keep=not dry_run):
        there = associating.located(db, resource)
        kept = [associating.associate(db, there, each, may_update=may_update) for each in all_wanted]
    return resource.answer() | ({} if dry_run else {"associations": [each.answer() for each in kept]})


def _filter(call: Call) -> Filter:
    return Filter(
        call.text("resourceType") or TOPIC,
        call.query.get("associationType", ()),
        association_requests.lifecycle(call.text("lifecycle")),
    )


def _context(call: Call) -> str:
    """Return the context of the subjects that a request does not qualify."""
    given = call.text("context")
    return names.subject(names.context_scope(given)).context if given else names.DEFAULT_CONTEXT
