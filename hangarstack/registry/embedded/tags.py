"""Tags written into a schema, ``confluent:tags`` of records and fields: found, added and taken away."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Mapping
from typing import Any, Final, NamedTuple, TypeAlias

from hangarstack.contracts.schema import Array, Map, Record, Schema, Union
from hangarstack.contracts.schema.model import Props
from hangarstack.registry.embedded import refusals

_TAGS: Final = "confluent:tags"
_EVERY: Final = "*"
_RECORD: Final = "sr_record"
_FIELD: Final = "sr_field"


class Entity(NamedTuple):
    """What carries tags: a record (``space.Name``) or a field (``space.Name.field``)."""

    path: str
    type: str


Tags: TypeAlias = Mapping[Entity, tuple[str, ...]]


def tags_of(schema: Schema) -> dict[Entity, tuple[str, ...]]:
    """Return the tagged records and fields in the order of the schema, each with its tags."""
    found: dict[Entity, tuple[str, ...]] = {}
    seen: set[str] = set()
    waiting: list[Schema] = [schema]
    while waiting:
        match waiting.pop():
            case Union(branches=branches):
                waiting.extend(reversed(branches))
            case Array(items=inner) | Map(values=inner):
                waiting.append(inner)
            case Record() as record if record.name not in seen:
                seen.add(record.name)
                found[Entity(record.name, _RECORD)] = _texts(record.props)
                for field in record.fields:
                    found[Entity(f"{record.name}.{field.name}", _FIELD)] = _texts(field.props)
                waiting.extend(reversed([field.type for field in record.fields]))
    return {entity: tags for entity, tags in found.items() if tags}


def tagged(schema: Schema, wanted: set[str]) -> list[dict[str, Any]]:
    """Return the JSON of the records and fields that carry one of the tags, ``*`` for any."""
    return [
        {"schemaEntity": {"entityPath": entity.path, "entityType": entity.type}, "tags": list(tags)}
        for entity, tags in tags_of(schema).items()
        if _EVERY in wanted or wanted & set(tags)
    ]


def posted_tags(value: object, where: str) -> dict[Entity, tuple[str, ...]]:
    """Return the tags of a request's list; an entity that is in it twice gets the tags of both.

    Raises:
        RefusalError: 422, it is not of the documented form.
    """
    found: dict[Entity, tuple[str, ...]] = {}
    for each in _objects(value, where):
        entity, tags = each.get("schemaEntity"), each.get("tags")
        if not isinstance(entity, dict) or not isinstance(tags, list):
            raise refusals.plain(422, f"{where} must hold objects of schemaEntity and tags")
        path, kind = entity.get("entityPath"), entity.get("entityType")
        if not isinstance(path, str) or kind not in {_RECORD, _FIELD} or not all(isinstance(tag, str) for tag in tags):
            raise refusals.plain(422, f"{where}: an entityPath, an entityType {_RECORD} or {_FIELD}, and tags are text")
        key = Entity(path, kind)
        found[key] = (*found.get(key, ()), *tags)
    return found


def retagged(text: str, *, add: Tags, remove: Tags) -> str:
    """Return a schema's text with some tags added and then some taken away.

    Raises:
        RefusalError: 42201, the schema has no such record or field.
    """
    schema = json.loads(text)
    for entity in dict.fromkeys([*add, *remove]):
        node = _find(schema, entity)
        if node is None:
            raise refusals.invalid_schema(f"No matching path '{entity.path}' found in the schema")
        tags = dict.fromkeys([*_texts(node), *add.get(entity, ())])
        kept = [tag for tag in tags if tag not in remove.get(entity, ())]
        if kept:
            node[_TAGS] = kept
        else:
            node.pop(_TAGS, None)
    return json.dumps(schema, ensure_ascii=False)


def _find(schema: object, entity: Entity) -> dict[str, Any] | None:
    """Return the record or field of a path; without a namespace it means the first record of that name."""
    record_path, _, field = entity.path.rpartition(".") if entity.type == _FIELD else (entity.path, "", "")
    space, _, name = record_path.rpartition(".")
    waiting: deque[tuple[Any, str]] = deque([(schema, "")])
    while waiting:
        node, around = waiting.popleft()
        if isinstance(node, list):
            waiting.extend((branch, around) for branch in node)
        elif isinstance(node, dict):
            own = node.get("namespace", around)
            fields = node.get("fields", ())
            if "fields" in node and node["name"] == name and space in {"", own}:
                return node if not field else next((each for each in fields if each["name"] == field), None)
            waiting.extend((each["type"], own) for each in fields)
            waiting.extend((node[inner], own) for inner in ("items", "values") if inner in node)
    return None


def _texts(holder: Props) -> tuple[str, ...]:
    tags = holder.get(_TAGS)
    return tuple(str(tag) for tag in tags) if isinstance(tags, list) else ()


def _objects(value: object, where: str) -> list[dict[str, Any]]:
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise refusals.plain(422, f"{where} must be an array of objects")
    return value
